//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func rawOf(t testing.TB, c syscall.Conn) syscall.RawConn {
	t.Helper()
	r, err := c.SyscallConn()
	require.NoError(t, err)
	return r
}

// readRaw reads once with the descriptor.
func readRaw(r syscall.RawConn) (text string, err error) {
	b := make([]byte, 100)
	var failed error
	err = r.Read(func(sysfd uintptr) bool {
		var n int
		n, failed = unix.Read(int(sysfd), b)
		if failed == nil {
			text = string(b[:n])
		}
		return failed != unix.EAGAIN
	})
	if err == nil {
		err = failed
	}
	return text, err
}

// writeRaw writes all of the text with the descriptor.
func writeRaw(r syscall.RawConn, text string) error {
	var failed error
	err := r.Write(func(sysfd uintptr) bool {
		var n int
		if n, failed = unix.Write(int(sysfd), []byte(text)); n > 0 {
			text = text[n:]
		}
		return failed != nil && failed != unix.EAGAIN || text == ""
	})
	if err == nil && failed != unix.EAGAIN {
		err = failed
	}
	return err
}

// Its reads and writes park greenlets and block goroutines.
func TestRawConn(t *testing.T) {
	for _, open := range streamPairs {
		run(t, func() error {
			a, b := open(t)
			r, w := rawOf(t, a), rawOf(t, b)
			reader := Go(func() (string, error) { return readRaw(r) })
			parked(t, &reader.Greenlet)
			require.NoError(t, writeRaw(w, "one"))
			got, err := reader.Get()
			require.NoError(t, err)
			require.Equal(t, "one", got)

			outside := Go(func() (string, error) { return await(func() (string, error) { return readRaw(r) }) })
			parked(t, &outside.Greenlet)
			require.NoError(t, outsideErr(func() error { return writeRaw(w, "two") }))
			got, err = outside.Get()
			require.NoError(t, err)
			require.Equal(t, "two", got)

			require.NoError(t, a.SetReadDeadline(in(time.Millisecond)))
			_, err = readRaw(r)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.ErrorIs(t, outsideErr(func() error { _, err := readRaw(r); return err }), os.ErrDeadlineExceeded)
			closeAll(t, a, b)
			for _, use := range []func() error{
				func() error { return r.Control(func(uintptr) { t.Error("called") }) },
				func() error { return r.Read(func(uintptr) bool { t.Error("called"); return true }) },
				func() error { return r.Write(func(uintptr) bool { t.Error("called"); return true }) },
				func() error { return valueless(a.SyscallConn()) },
			} {
				require.ErrorIs(t, use(), net.ErrClosed)
				require.ErrorIs(t, outsideErr(use), net.ErrClosed)
			}
			return nil
		})
	}
}

// A raw write waits for its turn, and others wait for it.
func TestRawConnTakesTurns(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		const size = 8 << 20
		first := Spawn(func() error { return valueless(a.Write(make([]byte, size))) })
		parked(t, first)
		raw := Spawn(func() error { return writeRaw(rawOf(t, a), "raw") })
		last := Spawn(func() error { return valueless(a.Write([]byte("last"))) })
		parked(t, raw, last)
		drain(t, b, size)
		mustRead(t, b, "rawlast")
		require.NoError(t, JoinAll(first, raw, last))
		closeAll(t, a, b)
		return nil
	})
}

func TestRawConnOfAListener(t *testing.T) {
	run(t, func() error {
		l := listen(t)
		r := rawOf(t, l)
		control := func() error {
			return r.Control(func(sysfd uintptr) {
				if kind, err := unix.GetsockoptInt(int(sysfd), unix.SOL_SOCKET, unix.SO_TYPE); err != nil || kind != unix.SOCK_STREAM {
					t.Error(kind, err)
				}
			})
		}
		require.NoError(t, control())
		require.NoError(t, outsideErr(control))
		require.ErrorIs(t, r.Read(nil), syscall.EINVAL)
		require.ErrorIs(t, r.Write(nil), syscall.EINVAL)
		closeAll(t, l)
		require.ErrorIs(t, control(), net.ErrClosed)
		require.ErrorIs(t, valueless(l.SyscallConn()), net.ErrClosed)
		return nil
	})
}
