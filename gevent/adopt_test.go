//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// fileOfConn returns what File of a connection or listener returns.
func fileOfConn(t testing.TB, c any) *os.File {
	t.Helper()
	f, err := c.(interface{ File() (*os.File, error) }).File()
	require.NoError(t, err)
	return f
}

// What package net or we have made goes through a file and is what it was; the file and the first one can be closed.
func TestFileConn(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		run(t, func() error {
			address := "127.0.0.1:0"
			if network == "unix" {
				address = unixName(t)
			}
			l, err := net.Listen(network, address)
			require.NoError(t, err)
			std, err := net.Dial(network, l.Addr().String())
			require.NoError(t, err)
			peer, err := l.Accept()
			require.NoError(t, err)
			var c net.Conn = std
			for range 2 { // first theirs, then ours
				f := fileOfConn(t, c)
				adopted, err := FileConn(f)
				require.NoError(t, err)
				require.Equal(t, std.LocalAddr(), adopted.LocalAddr())
				require.Equal(t, std.RemoteAddr().String(), adopted.RemoteAddr().String())
				closeAll(t, c, f)
				c = adopted
			}
			if network == "tcp" {
				require.IsType(t, new(TCPConn), c)
			} else {
				require.IsType(t, new(UnixConn), c)
			}
			reader := Go(func() (string, error) {
				b := make([]byte, 4)
				_, err := io.ReadFull(c, b)
				return string(b), err
			})
			parked(t, &reader.Greenlet)
			_, err = peer.Write([]byte("text"))
			require.NoError(t, err)
			got, err := reader.Get()
			require.NoError(t, err)
			require.Equal(t, "text", got)
			closeAll(t, c, peer, l)
			return nil
		})
	}
}

func TestFileListener(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		run(t, func() error {
			address := "127.0.0.1:0"
			if network == "unix" {
				address = unixName(t)
			}
			std, err := net.Listen(network, address)
			require.NoError(t, err)
			first := fileOfConn(t, std)
			ours, err := FileListener(first)
			require.NoError(t, err)
			second := fileOfConn(t, ours)
			again, err := FileListener(second)
			require.NoError(t, err)
			closeAll(t, first, second, ours)
			require.Equal(t, std.Addr(), again.Addr())
			c, err := net.Dial(network, std.Addr().String())
			require.NoError(t, err)
			s, err := again.Accept()
			require.NoError(t, err)
			if network == "tcp" { // not set by us on a socket that others have, too
				require.Equal(t, tcpOptions(t, c), tcpOptions(t, s))
			}
			closeAll(t, c, s, again)
			if network == "unix" {
				require.FileExists(t, address, "it is the first one's")
			}
			closeAll(t, std)
			return nil
		})
	}
}

func TestFileConnErrors(t *testing.T) {
	run(t, func() error {
		plain, err := os.Open(fileOf(t, nil))
		require.NoError(t, err)
		udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		require.NoError(t, err)
		datagrams := fileOfConn(t, udp)
		a, b := pair(t)
		connected := fileOfConn(t, a)
		for _, c := range []struct {
			f    *os.File
			want error
		}{{plain, syscall.ENOTSOCK}, {datagrams, syscall.EPROTONOSUPPORT}} {
			_, err = FileConn(c.f)
			require.ErrorIs(t, err, c.want)
			_, err = FileListener(c.f)
			require.ErrorIs(t, err, c.want)
		}
		_, err = FileListener(connected)
		require.ErrorIs(t, err, syscall.EINVAL)
		closeAll(t, plain, udp, datagrams, connected, a, b)
		_, err = FileConn(plain)
		require.ErrorIs(t, err, os.ErrClosed)
		_, err = a.File()
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
}
