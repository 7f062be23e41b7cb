//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func unixgramOn(t testing.TB, name string) *UnixgramConn {
	t.Helper()
	c, err := ListenPacket("unixgram", name)
	require.NoError(t, err)
	return c.(*UnixgramConn)
}

func TestUnixgramEcho(t *testing.T) {
	for kind, name := range unixNames(t) {
		t.Run(kind, func(t *testing.T) {
			run(t, func() error {
				server := unixgramOn(t, name)
				other := unixgramOn(t, unixName(t))
				for _, text := range []string{"one", "", "three"} {
					mustSend(t, other, server.LocalAddr(), text)
					mustGet(t, server, other.LocalAddr(), text)
				}
				client, err := DialUnixgram(unixName(t), server.LocalAddr().String())
				require.NoError(t, err)
				nameless, err := DialUnixgram("", server.LocalAddr().String())
				require.NoError(t, err)
				require.Equal(t, server.LocalAddr().String(), nameless.RemoteAddr().String())
				for _, text := range []string{"one", "", "three"} {
					mustWrite(t, client, text)
					mustGet(t, server, client.LocalAddr(), text)
					mustSend(t, server, client.LocalAddr(), text)
					n, err := client.Read(make([]byte, 9))
					require.NoError(t, err)
					require.Equal(t, len(text), n)
					mustWrite(t, nameless, text)
					mustGet(t, server, nil, text)
				}
				_, err = client.WriteTo(nil, server.LocalAddr())
				require.ErrorIs(t, err, net.ErrWriteToConnected)
				require.ErrorIs(t, outsideErr(func() error { return valueless(client.WriteTo(nil, server.LocalAddr())) }),
					net.ErrWriteToConnected)
				closeAll(t, server, other, client, nameless)
				return nil
			})
		})
	}
}

// As with package net, the file stays.
func TestUnixgramFileStays(t *testing.T) {
	name := unixName(t)
	std, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	require.NoError(t, err)
	require.NoError(t, std.Close())
	require.FileExists(t, name)
	require.NoError(t, os.Remove(name))
	run(t, func() error {
		closeAll(t, unixgramOn(t, name))
		_, err := ListenPacket("unixgram", name)
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		_, err = DialUnixgram("", name)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		_, err = DialUnixgram("", name+"-missing")
		require.ErrorIs(t, err, syscall.ENOENT)
		return nil
	})
	require.FileExists(t, name)
}

// A sender waits until the receiver has room, dialled or not, and no datagram is lost.
func TestUnixgramSenderWaits(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems say ENOBUFS")
	}
	const crowd = 200
	for name, open := range map[string]func(to *UnixgramConn) (*UnixgramConn, func(b []byte) (int, error)){
		"dialled": func(to *UnixgramConn) (*UnixgramConn, func(b []byte) (int, error)) {
			c, err := DialUnixgram("", to.LocalAddr().String())
			require.NoError(t, err)
			return c, c.Write
		},
		"not dialled": func(to *UnixgramConn) (*UnixgramConn, func(b []byte) (int, error)) {
			c := unixgramOn(t, "")
			return c, func(b []byte) (int, error) { return c.WriteTo(b, to.LocalAddr()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				server := unixgramOn(t, "")
				c, write := open(server)
				sent := 0
				g := Spawn(func() error {
					for i := range crowd {
						if _, err := write([]byte{byte(i)}); err != nil {
							return err
						}
						sent++
					}
					return nil
				})
				parked(t, g)
				require.Less(t, sent, crowd)
				require.NoError(t, c.SetWriteDeadline(in(patience)))
				for i := range crowd {
					b := make([]byte, 2)
					n, _, err := server.ReadFrom(b)
					require.NoError(t, err)
					require.Equal(t, []byte{byte(i)}, b[:n])
				}
				require.NoError(t, g.Get())
				require.NoError(t, c.SetWriteDeadline(in(time.Millisecond)))
				full := func() (err error) {
					for err == nil {
						_, err = write([]byte("x"))
					}
					return err
				}
				require.ErrorIs(t, full(), os.ErrDeadlineExceeded)
				require.NoError(t, c.SetWriteDeadline(time.Time{}))
				closing := Spawn(full)
				parked(t, closing)
				closeAll(t, c)
				require.ErrorIs(t, closing.Get(), net.ErrClosed)
				closeAll(t, server)
				return nil
			})
		})
	}
}

func TestUnixgramOnAGoroutine(t *testing.T) {
	run(t, func() error {
		server := unixgramOn(t, unixName(t))
		client, err := DialUnixgram(unixName(t), server.LocalAddr().String())
		require.NoError(t, err)
		require.NoError(t, outsideErr(func() error {
			if _, err := client.Write([]byte("ping")); err != nil {
				return err
			}
			b := make([]byte, 9)
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return err
			}
			_, err = server.WriteTo(b[:n], from)
			return err
		}))
		mustRead(t, client, "ping")
		_, err = server.WriteTo(nil, &net.UDPAddr{})
		require.ErrorIs(t, err, syscall.EINVAL)
		f, err := server.File()
		require.NoError(t, err)
		adopted, err := FilePacketConn(f)
		require.NoError(t, err)
		mustWrite(t, client, "adopted")
		mustGet(t, adopted, client.LocalAddr(), "adopted")
		closeAll(t, f, adopted, server, client)
		config := &ListenConfig{ReusePort: true}
		_, err = config.ListenPacket("unixgram", unixName(t))
		require.ErrorIs(t, err, errReusePort)
		return nil
	})
}

// The wait for a receiver that does not read is one wait, whatever it is made of: the idle timeout ends it.
func TestUnixgramWriteToIdleTimeout(t *testing.T) {
	run(t, func() error {
		server, client := unixgramOn(t, unixName(t)), unixgramOn(t, "")
		require.NoError(t, client.SetIdleTimeout(20*time.Millisecond))
		err := WithTimeout(patience, func() error {
			for {
				if _, err := client.WriteTo([]byte("text"), server.LocalAddr()); err != nil {
					return err
				}
			}
		})
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		closeAll(t, server, client)
		return nil
	})
}
