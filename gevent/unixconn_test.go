//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// unixName returns the name of a file for a socket; its length is bounded on every system, to some 100 bytes.
func unixName(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sock")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func listenUnixTemp(t testing.TB) *UnixListener {
	t.Helper()
	l, err := Listen("unix", unixName(t))
	require.NoError(t, err)
	return l.(*UnixListener)
}

// dialUnixTo connects to l in the way that the dial functions do.
func dialUnixTo(t testing.TB, l net.Listener, local *net.UnixAddr) *UnixConn {
	t.Helper()
	c, err := dialUnix(GetHub(), l.Addr().(*net.UnixAddr), local, nil)
	require.NoError(t, err)
	return c
}

// unixNames are names of each kind that a socket can have on this system.
func unixNames(t testing.TB) map[string]string {
	names := map[string]string{"file": unixName(t)}
	if runtime.GOOS == "linux" {
		names["abstract"] = "@greenloop-" + filepath.Base(filepath.Dir(unixName(t)))
		names["chosen"] = ""
	}
	return names
}

// The addresses of both ends are those that package net tells, whatever the names.
func TestUnixAddressesAsNet(t *testing.T) {
	networks := []string{"unix"}
	if runtime.GOOS == "linux" {
		networks = append(networks, "unixpacket")
	}
	for _, network := range networks {
		for kind, name := range unixNames(t) {
			for _, local := range []bool{false, true} {
				run(t, func() error {
					theirs := unixEnds(t, network, name, local, true)
					ours := unixEnds(t, network, name, local, false)
					if kind == "chosen" { // each of them another one
						require.Regexp(t, "^@[0-9a-f]+$", ours[0].String())
						require.Equal(t, []net.Addr{ours[0], ours[0]}, []net.Addr{ours[2], ours[3]})
						theirs, ours = []net.Addr{theirs[1], theirs[4]}, []net.Addr{ours[1], ours[4]}
					}
					require.Equal(t, theirs, ours, "%s %s", network, kind)
					return nil
				})
			}
		}
	}
}

// unixEnds connects two sockets, of package net or of ours, and returns all addresses that they tell: the listener's, and
// the local and remote one of the dialled and of the accepted connection.
func unixEnds(t *testing.T, network, name string, named, std bool) []net.Addr {
	var l net.Listener
	var a, b net.Conn
	var err error
	to := &net.UnixAddr{Name: name, Net: network}
	var from *net.UnixAddr
	if named && name != "" {
		from = &net.UnixAddr{Name: name + "-client", Net: network}
		defer os.Remove(from.Name)
	}
	if std {
		l, err = net.ListenUnix(network, to)
		require.NoError(t, err)
		a, err = net.DialUnix(network, from, l.Addr().(*net.UnixAddr))
	} else {
		l, err = Listen(network, name)
		require.NoError(t, err)
		a, err = dialUnix(GetHub(), l.Addr().(*net.UnixAddr), from, nil)
	}
	require.NoError(t, err)
	b, err = l.Accept()
	require.NoError(t, err)
	closeAll(t, a, b, l)
	return []net.Addr{l.Addr(), a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr()}
}

// The file goes with its listener, in whichever way that ends, unless it is told to stay.
func TestUnixListenerRemovesItsFile(t *testing.T) {
	for how, end := range map[string]func(l *UnixListener) error{
		"close":                func(l *UnixListener) error { return l.Close() },
		"close by a goroutine": func(l *UnixListener) error { return outsideErr(l.Close) },
		"end of the hub":       func(l *UnixListener) error { return nil },
	} {
		for _, stays := range []bool{false, true} {
			name := unixName(t)
			run(t, func() error {
				l, err := Listen("unix", name)
				require.NoError(t, err)
				require.FileExists(t, name)
				if stays {
					l.(*UnixListener).SetUnlinkOnClose(false)
				}
				return end(l.(*UnixListener))
			})
			_, err := os.Stat(name)
			require.Equal(t, stays, err == nil, "%s: %v", how, err)
		}
	}
}

// What listens on the name meanwhile keeps its file when the one before is closed a second time.
func TestUnixListenerClosedTwice(t *testing.T) {
	run(t, func() error {
		first := listenUnixTemp(t)
		name := first.Addr().String()
		_, err := Listen("unix", name)
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		require.FileExists(t, name)
		closeAll(t, first)
		second, err := Listen("unix", name)
		require.NoError(t, err)
		require.ErrorIs(t, first.Close(), net.ErrClosed)
		require.FileExists(t, name)
		closeAll(t, second)
		return nil
	})
}

func TestUnixErrors(t *testing.T) {
	run(t, func() error {
		name := unixName(t)
		_, err := dialUnix(GetHub(), &net.UnixAddr{Name: name, Net: "unix"}, nil, nil)
		require.ErrorIs(t, err, fs.ErrNotExist)
		l, err := Listen("unix", name)
		require.NoError(t, err)
		l.(*UnixListener).SetUnlinkOnClose(false)
		closeAll(t, l)
		_, err = dialUnix(GetHub(), &net.UnixAddr{Name: name, Net: "unix"}, nil, nil)
		require.ErrorIs(t, err, syscall.ECONNREFUSED, "the file is there, and nobody listens")
		_, err = Listen("unix", strings.Repeat("x", 200))
		require.ErrorIs(t, err, syscall.EINVAL)
		_, err = (&ListenConfig{ReusePort: true}).Listen("unix", name+"2")
		require.ErrorIs(t, err, errors.ErrUnsupported)
		return nil
	})
}

// Half a connection is closed, the other goes on.
func TestUnixHalfClose(t *testing.T) {
	run(t, func() error {
		a, b := socketPair(t)
		mustWrite(t, a, "question")
		require.NoError(t, a.CloseWrite())
		all, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Equal(t, "question", string(all))
		mustWrite(t, b, "answer")
		mustRead(t, a, "answer")
		reader := Spawn(func() error { return valueless(a.Read(make([]byte, 1))) })
		parked(t, reader)
		require.NoError(t, a.CloseRead())
		require.ErrorIs(t, reader.Get(), io.EOF)
		closeAll(t, a, b)
		return nil
	})
}

// Each packet is read by itself, though several are there before the first Read: a short one says nothing of what follows.
func TestUnixPackets(t *testing.T) {
	run(t, func() error {
		l, err := Listen("unixpacket", unixName(t))
		if err != nil {
			require.ErrorIs(t, err, syscall.EPROTONOSUPPORT)
			t.Skip("this system has no unixpacket")
		}
		a := dialUnixTo(t, l, nil)
		b, err := l.Accept()
		require.NoError(t, err)
		texts := []string{"one", "two", "three"}
		for _, text := range texts {
			mustWrite(t, a, text)
		}
		buf := make([]byte, 100)
		for _, text := range texts {
			n, err := b.Read(buf)
			require.NoError(t, err)
			require.Equal(t, text, string(buf[:n]))
		}
		closeAll(t, a)
		_, err = b.Read(buf)
		require.ErrorIs(t, err, io.EOF)
		closeAll(t, b, l)
		return nil
	})
}

// A read that ends where a descriptor was passed leaves what was sent after it; nothing new comes that would tell.
func TestUnixReadGoesOnBehindADescriptor(t *testing.T) {
	run(t, func() error {
		a, b := socketPair(t)
		require.NoError(t, syscall.Sendmsg(int(a.fd.sysfd), []byte("first"), syscall.UnixRights(int(a.fd.sysfd)), nil, 0))
		mustWrite(t, a, "second")
		require.NoError(t, b.SetReadDeadline(in(patience)))
		buf := make([]byte, 100)
		n, err := b.Read(buf)
		require.NoError(t, err)
		if string(buf[:n]) == "first" {
			mustRead(t, b, "second")
		}
		closeAll(t, a, b)
		return nil
	})
}

// Another language at the other end, over an abstract name.
func TestUnixWithPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("it takes python3 and Linux")
	}
	const program = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("\0" + sys.argv[1][1:])
f = s.makefile("rw")
for line in f:
    f.write(line.upper()); f.flush()
f.close()
`
	run(t, func() error {
		l, err := Listen("unix", unixNames(t)["abstract"])
		require.NoError(t, err)
		peer := Command(python, "-c", program, l.Addr().String())
		require.NoError(t, peer.Start())
		c, err := l.Accept()
		require.NoError(t, err)
		lines := bufio.NewReader(c)
		for _, text := range []string{"one\n", "two\n"} {
			mustWrite(t, c, text)
			got, err := lines.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, strings.ToUpper(text), got)
		}
		require.NoError(t, c.(*UnixConn).CloseWrite())
		_, err = lines.ReadByte()
		require.ErrorIs(t, err, io.EOF)
		closeAll(t, c, l)
		return peer.Wait()
	})
}

func TestUnixOnGoroutines(t *testing.T) {
	run(t, func() error {
		l := listenUnixTemp(t)
		accepted := Go(func() (net.Conn, error) { return await(l.Accept) })
		parked(t, &accepted.Greenlet)
		a := dialUnixTo(t, l, nil)
		b, err := accepted.Get()
		require.NoError(t, err)
		require.IsType(t, new(net.UnixConn), b)
		answer, err := await(func() (string, error) {
			defer b.Close()
			if _, err := a.Write([]byte("ping")); err != nil {
				return "", err
			}
			buf := make([]byte, 4)
			_, err := io.ReadFull(b, buf)
			return string(buf), err
		})
		require.NoError(t, err)
		require.Equal(t, "ping", answer)
		require.NoError(t, l.SetDeadline(in(-1)))
		require.ErrorIs(t, outsideErr(func() error { _, err := l.Accept(); return err }), os.ErrDeadlineExceeded)
		closeAll(t, a, l)
		return nil
	})
}
