//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func put(t testing.TB, w io.Writer, text string) {
	t.Helper()
	n, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.Equal(t, len(text), n)
}

func expect(t testing.TB, r io.Reader, text string) {
	t.Helper()
	b := make([]byte, len(text))
	_, err := io.ReadFull(r, b)
	require.NoError(t, err)
	require.Equal(t, text, string(b))
}

func pipe(t testing.TB) (r, w *Stream) {
	t.Helper()
	r, w, err := Pipe()
	require.NoError(t, err)
	return r, w
}

// osPipe is a pipe of package os, as a parent process would have passed it on: both ends block.
func osPipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	rfd, wfd, err := sysPipe()
	require.NoError(t, err)
	return os.NewFile(uintptr(rfd), "r"), os.NewFile(uintptr(wfd), "w")
}

// adopted is a pipe whose ends are streams over descriptors that block.
func adopted(t testing.TB) (r, w *Stream) {
	t.Helper()
	rf, wf := osPipe(t)
	defer rf.Close()
	defer wf.Close()
	r, err := NewStream(rf)
	require.NoError(t, err)
	w, err = NewStream(wf)
	require.NoError(t, err)
	return r, w
}

// streams are the two kinds there are.
var streams = map[string]func(t testing.TB) (r, w *Stream){"own": pipe, "shared": adopted}

func eachStream(t *testing.T, test func(t *testing.T, r, w *Stream)) {
	for name, open := range streams {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				r, w := open(t)
				test(t, r, w)
				_, _ = r.Close(), w.Close()
				return nil
			})
		})
	}
}

func TestPipeParksTheReader(t *testing.T) {
	eachStream(t, func(t *testing.T, r, w *Stream) {
		var l log
		reader := Spawn(func() error { expect(t, r, "hello"); l.add("read"); return nil })
		parked(t, reader)
		l.add("write")
		put(t, w, "hel")
		put(t, w, "lo")
		require.NoError(t, reader.Join())
		require.Equal(t, "write read", l.String())
		require.NoError(t, w.Close())
		_, err := r.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		n, err := r.Read(nil)
		require.Zero(t, n)
		require.NoError(t, err)
	})
}

// Two writers of more than a pipe holds: each is parked until the reader makes room, and neither is mixed with the other.
func TestPipeParksTheWriters(t *testing.T) {
	eachStream(t, func(t *testing.T, r, w *Stream) {
		const size = 300_000
		var gs []*Greenlet
		for i := range 2 {
			gs = append(gs, Spawn(func() error {
				n, err := w.Write(bytes.Repeat([]byte{byte('a' + i)}, size))
				require.Equal(t, size, n)
				return err
			}))
		}
		parked(t, gs...)
		expect(t, r, strings.Repeat("a", size)+strings.Repeat("b", size))
		require.NoError(t, JoinAll(gs...))
	})
}

func TestPipeInterrupted(t *testing.T) {
	eachStream(t, func(t *testing.T, r, w *Stream) {
		full := bytes.Repeat([]byte("x"), 1<<20)
		wrote := 0
		for name, end := range waysToEnd {
			reader := Spawn(func() error { _, err := r.Read(make([]byte, 10)); return err })
			parked(t, reader)
			if name == "timeout" {
				require.NoError(t, r.SetReadDeadline(time.Now()))
				require.ErrorIs(t, reader.Get(), os.ErrDeadlineExceeded)
				require.NoError(t, r.SetReadDeadline(time.Time{}))
			} else {
				end(t, reader)
			}
		}
		for name, end := range waysToEnd {
			writer := Spawn(func() error { n, err := w.Write(full); wrote += n; return err })
			parked(t, writer)
			if name == "timeout" {
				require.NoError(t, w.SetDeadline(time.Now()))
				require.ErrorIs(t, writer.Get(), os.ErrDeadlineExceeded)
				require.NoError(t, w.SetWriteDeadline(time.Time{}))
			} else {
				end(t, writer)
			}
		}
		require.NoError(t, w.Close())
		all, err := io.ReadAll(r)
		require.NoError(t, err)
		require.LessOrEqual(t, wrote, len(all), "what a killed writer wrote is there, and nobody counts it")
		require.Zero(t, GetHub().Stats().Events)
	})
}

func TestCloseWakesPipe(t *testing.T) {
	for name, closeIt := range closers {
		t.Run(name, func(t *testing.T) {
			eachStream(t, func(t *testing.T, r, w *Stream) {
				gs := []*Greenlet{
					Spawn(func() error { _, err := r.Read(make([]byte, 1)); return err }),
					Spawn(func() error { _, err := w.Write(make([]byte, 1<<20)); return err }),
					Spawn(func() error { _, err := w.Write([]byte("x")); return err }),
				}
				put(t, w, "x")
				require.NoError(t, gs[0].Join())
				gs[0] = Spawn(func() error { _, err := io.ReadFull(r, make([]byte, 1<<20)); return err })
				gs[0].KillAsync()
				closeIt(t, w)
				for _, g := range gs[1:] {
					require.ErrorIs(t, g.Get(), os.ErrClosed)
				}
				closeIt(t, r)
				var failed *fs.PathError
				_, err := r.Read(make([]byte, 1))
				require.ErrorAs(t, err, &failed)
				require.ErrorIs(t, err, os.ErrClosed)
				require.ErrorIs(t, r.Close(), os.ErrClosed, "twice")
				require.ErrorIs(t, r.SetDeadline(time.Now()), os.ErrClosed)
			})
		})
	}
}

func TestPipeWithoutReader(t *testing.T) {
	eachStream(t, func(t *testing.T, r, w *Stream) {
		writer := Spawn(func() error { _, err := w.Write(make([]byte, 1<<20)); return err })
		parked(t, writer)
		require.NoError(t, r.Close())
		require.ErrorIs(t, writer.Get(), syscall.EPIPE)
		_, err := w.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.EPIPE)
	})
}

// What others share is left as it is: it blocks for them, and nobody's bytes are taken before they are asked for.
func TestNewStreamLeavesTheFileBlocking(t *testing.T) {
	run(t, func() error {
		r, w := osPipe(t)
		s, err := NewStream(r)
		require.NoError(t, err)
		require.Equal(t, "r", s.Name())
		reader := Spawn(func() error { expect(t, s, "x"); return nil })
		parked(t, reader)
		for _, sysfd := range []int{int(s.fd.sysfd), int(r.Fd())} {
			flags, err := unix.FcntlInt(uintptr(sysfd), unix.F_GETFL, 0)
			require.NoError(t, err)
			require.Zero(t, flags&unix.O_NONBLOCK)
		}
		put(t, w, "x y")
		require.NoError(t, reader.Join())
		require.NoError(t, s.Close())
		expect(t, r, " y")
		require.NoError(t, r.Close())
		return w.Close()
	})
}

// Of two greenlets that wait for the same input, one gets it and the other waits on, with the hub.
func TestTwoReadersOfASharedStream(t *testing.T) {
	eachStream(t, func(t *testing.T, r, w *Stream) {
		var l log
		var gs []*Greenlet
		for _, name := range []string{"1", "2"} {
			gs = append(gs, Spawn(func() error {
				b := make([]byte, 10)
				n, err := r.Read(b)
				l.add(name + string(b[:n]))
				return err
			}))
		}
		parked(t, gs...)
		put(t, w, "x")
		require.NoError(t, gs[0].Join())
		require.ErrorIs(t, gs[1].JoinTimeout(time.Millisecond), ErrTimeout)
		put(t, w, "y")
		require.NoError(t, gs[1].Join())
		require.Equal(t, "1x 2y", l.String())
	})
}

func TestNewStreamOfWhatIsAlwaysReady(t *testing.T) {
	run(t, func() error {
		f, err := os.Create(t.TempDir() + "/file")
		require.NoError(t, err)
		defer f.Close()
		if s, err := NewStream(f); err != nil {
			require.ErrorIs(t, err, fs.ErrPermission)
		} else {
			require.NoError(t, s.Close()) // kqueue watches files
		}
		closed, err := os.Open(os.DevNull)
		require.NoError(t, err)
		require.NoError(t, closed.Close())
		_, err = NewStream(closed)
		require.ErrorIs(t, err, os.ErrClosed)
		return nil
	})
}

func TestStreamsWithoutPoller(t *testing.T) {
	virtual(t, func() error {
		_, _, err := Pipe()
		require.ErrorIs(t, err, errors.ErrUnsupported)
		_, err = NewStream(os.Stdin)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		return nil
	})
}

func TestStreamOnAnotherGoroutine(t *testing.T) {
	run(t, func() error {
		r, w := pipe(t)
		for _, call := range []func([]byte) (int, error){r.Read, w.Write} {
			text, err := await(func() (text any, _ error) {
				defer func() { text = recover() }()
				_, err := call(make([]byte, 1))
				return nil, err
			})
			require.NoError(t, err)
			require.Contains(t, text, "called outside a hub")
		}
		require.NoError(t, r.Close())
		return w.Close()
	})
}

// A stream that a hub did not close is closed with it.
func TestHubClosesStreams(t *testing.T) {
	before := openFds()
	var r *Stream
	require.NoError(t, Run(func() error { r, _ = pipe(t); return nil }))
	noDescriptors(t, before)
	_, err := r.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrClosed)
	require.ErrorIs(t, r.Close(), os.ErrClosed)
}
