//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// pollRow is the row of a call that waits until a can be read from, to which b writes.
func pollRow(t *testing.T, call func(r Readiness, d time.Duration) error) interruptible {
	a, b := pair(t)
	return interruptible{
		call:  func() error { return call(a.Readable(), Never) },
		timed: func(d time.Duration) error { return call(a.Readable(), d) },
		admit: func() { mustWrite(t, b, "x") },
		close: func() { closeAll(t, a, b) }, closed: net.ErrClosed,
		check: func(t *testing.T) {
			mustRead(t, a, "x") // nobody has taken it
			closeAll(t, a, b)
		},
	}
}

// fdRow is the row of a call that waits at one end of a pipe, for which act makes it ready.
func fdRow(t *testing.T, end int, prepare, act func(fds []int), call func(fd int, d time.Duration) error) interruptible {
	fds := make([]int, 2)
	require.NoError(t, unix.Pipe(fds))
	if prepare != nil {
		prepare(fds)
	}
	return interruptible{
		call:  func() error { return call(fds[end], Never) },
		timed: func(d time.Duration) error { return call(fds[end], d) },
		admit: func() { act(fds) },
		done: func(t *testing.T) {
			require.NoError(t, unix.Close(fds[0]), "it stayed open")
			require.NoError(t, unix.Close(fds[1]))
		},
	}
}

func fillPipe(fds []int) {
	_ = unix.SetNonblock(fds[1], true)
	for err := error(nil); err == nil; {
		_, err = unix.Write(fds[1], make([]byte, 4096))
	}
}

func emptyPipe(fds []int) { _, _ = unix.Read(fds[0], make([]byte, 1<<20)) }

var _ = func() bool {
	addReal("Poll", func(t *testing.T) interruptible {
		return pollRow(t, func(r Readiness, d time.Duration) error {
			if d == Never {
				return valueless(Poll(r))
			}
			return valueless(PollTimeout(d, r))
		})
	})
	addReal("Wait/readable", func(t *testing.T) interruptible {
		w := pollRow(t, func(r Readiness, d time.Duration) error {
			ready, err := WaitTimeout(d, r)
			if len(ready) == 1 {
				return errors.Join(err, r.Err())
			}
			return err
		})
		return w
	})
	addReal("WaitRead", func(t *testing.T) interruptible {
		return fdRow(t, 0, nil, func(fds []int) { _, _ = unix.Write(fds[1], []byte("x")) }, WaitReadTimeout)
	})
	return addReal("WaitWrite", func(t *testing.T) interruptible {
		return fdRow(t, 1, fillPipe, emptyPipe, WaitWriteTimeout)
	})
}()

func TestPollTellsWhatIsReady(t *testing.T) {
	run(t, func() error {
		l := listen(t)
		a, b := pair(t)
		c, d := pair(t)
		r, w, err := Pipe()
		require.NoError(t, err)
		set := []Readiness{l.Readable(), a.Readable(), c.Readable(), r.Readable(), w.Writable(), a.Writable()}
		ready, err := Poll(set...)
		require.NoError(t, err)
		require.Equal(t, []Readiness{w.Writable(), a.Writable()}, ready, "in the order of the arguments")
		waits := set[:4]
		ready, err = PollTimeout(time.Millisecond, waits...)
		require.Equal(t, ErrTimeout, err)
		require.Empty(t, ready)
		for range 2 {
			_, err = PollTimeout(0, waits...)
			require.Equal(t, ErrTimeout, err)
		}

		for i, become := range []func(){
			func() { put(t, w, "x") },
			func() { mustWrite(t, d, "x") },
			func() { mustWrite(t, b, "x") },
		} {
			g := Go(func() ([]Readiness, error) { return Poll(waits[:4-i]...) })
			parked(t, &g.Greenlet)
			become()
			ready, err := g.Get()
			require.NoError(t, err)
			require.Equal(t, []Readiness{waits[3-i]}, ready)
		}
		ready, err = Poll(waits...)
		require.NoError(t, err)
		require.Equal(t, waits[1:], ready, "nothing was taken")
		ready, err = Poll(waits[1], waits[1], waits[0])
		require.NoError(t, err)
		require.Equal(t, []Readiness{waits[1], waits[1]}, ready)
		mustRead(t, a, "x")
		_, err = PollTimeout(0, waits[1])
		require.Equal(t, ErrTimeout, err, "it was taken")

		require.NoError(t, b.Close())
		ready, err = Poll(a.Readable())
		require.NoError(t, err, "the end of the stream can be read")
		require.Len(t, ready, 1)
		closeAll(t, l, a, c, d, r, w)
		return nil
	})
}

// A ready result lets others run once nevertheless: a loop of Polls starves nobody.
func TestPollYieldsOnce(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		ran := 0
		Spawn(func() error {
			for ran < 10 {
				ran++
				Yield()
			}
			return nil
		})
		for i := range 10 {
			require.Equal(t, i, ran)
			_, err := Poll(a.Writable())
			require.NoError(t, err)
		}
		closeAll(t, a, b)
		return nil
	})
}

func TestPollOfWhatIsClosed(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		c, d := pair(t)
		g := Go(func() ([]Readiness, error) { return Poll(c.Readable(), a.Readable()) })
		parked(t, &g.Greenlet)
		closeAll(t, a)
		ready, err := g.Get()
		require.ErrorIs(t, err, net.ErrClosed)
		require.Equal(t, []Readiness{a.Readable()}, ready)
		ready, err = Poll(a.Readable(), c.Writable())
		require.ErrorIs(t, err, net.ErrClosed, "before")
		require.Equal(t, []Readiness{a.Readable(), c.Writable()}, ready)
		require.ErrorIs(t, a.Readable().Err(), net.ErrClosed)
		require.NoError(t, c.Readable().Err())
		closeAll(t, b, c, d)
		g = Go(func() ([]Readiness, error) { return Poll(c.Readable()) })
		_, err = g.Get()
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
}

// Several Polls and reads at one connection: all are woken, whoever comes first takes, the others wait on.
func TestPollBesideReaders(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		var pollers []*Result[[]Readiness]
		for range 3 {
			pollers = append(pollers, Go(func() ([]Readiness, error) { return Poll(a.Readable()) }))
		}
		reader := Spawn(func() error { return valueless(a.Read(make([]byte, 9))) })
		parked(t, &pollers[0].Greenlet, &pollers[2].Greenlet, reader)
		mustWrite(t, b, "x")
		require.NoError(t, reader.Get())
		Yield()
		parked(t, &pollers[0].Greenlet, &pollers[2].Greenlet)
		require.NoError(t, pollers[1].Kill())
		mustWrite(t, b, "y")
		for _, p := range []*Result[[]Readiness]{pollers[0], pollers[2]} {
			ready, err := p.Get()
			require.NoError(t, err)
			require.Len(t, ready, 1)
		}
		closeAll(t, a, b)
		return nil
	})
}

// A Readiness is waited for together with all else; nobody who waits for one alone is taken for a deadlock.
func TestWaitForReadinessAndMore(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		var event Event
		g := Spawn(func() error { return Sleep(time.Millisecond) })
		ready, err := WaitCount(1, a.Readable(), &event, g)
		require.NoError(t, err)
		require.Equal(t, []Waitable{g}, ready)
		AfterFunc(time.Millisecond, func() { mustWrite(t, b, "x") })
		ready, err = WaitCount(1, &event, a.Readable())
		require.NoError(t, err)
		require.Equal(t, []Waitable{a.Readable()}, ready)
		require.Equal(t, 0, GetHub().Stats().Events)

		outside := blocked(func() error { _, err := b.Read(make([]byte, 1)); return err })
		_, err = a.Write([]byte("x"))
		require.NoError(t, err)
		got, err := await(func() (error, error) { return <-outside, nil })
		require.NoError(t, err)
		require.NoError(t, got)

		mustRead(t, a, "x")
		c := Spawn(func() error { return b.Close() })
		_, err = Wait(a.Readable(), c) // with nothing else that could go on
		require.NoError(t, err)
		require.Contains(t, a.Readable().String(), "readable")
		require.Contains(t, a.Writable().String(), "writable")
		closeAll(t, a)
		_, err = Until{FirstError: true}.Wait(a.Readable())
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
}

// Many connections, of which now this one and now that one has something.
func TestPollOfMany(t *testing.T) {
	run(t, func() error {
		const crowd = 100
		l := listen(t)
		var readable []Readiness
		var ours, theirs []*TCPConn
		for range crowd {
			a, b := connect2(t, l)
			ours, theirs, readable = append(ours, a), append(theirs, b), append(readable, a.Readable())
		}
		for i := range 3 * crowd {
			k := i * 37 % crowd
			g := Go(func() ([]Readiness, error) { return Poll(readable...) })
			parked(t, &g.Greenlet)
			mustWrite(t, theirs[k], "x")
			ready, err := g.Get()
			require.NoError(t, err)
			require.Equal(t, []Readiness{readable[k]}, ready)
			mustRead(t, ours[k], "x")
		}
		require.True(t, slices.Contains(readable, ours[0].Readable()))
		for i := range crowd {
			closeAll(t, ours[i], theirs[i])
		}
		closeAll(t, l)
		return nil
	})
}

func TestPollOnTheWrongThread(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		_, err := await(func() (any, error) {
			require.Panics(t, func() { a.Readable().Ready() })
			return nil, Run(func() error {
				require.Panics(t, func() { _, _ = Poll(a.Readable()) })
				return nil
			})
		})
		require.NoError(t, err)
		closeAll(t, a, b)
		return nil
	})
}

func TestWatchFd(t *testing.T) {
	run(t, func() error {
		fds := make([]int, 2)
		require.NoError(t, unix.Pipe(fds))
		w, err := WatchFd(fds[0])
		require.NoError(t, err)
		again, err := WatchFd(fds[0])
		require.NoError(t, err)
		require.Same(t, w, again)
		require.Equal(t, ErrTimeout, WaitReadTimeout(fds[0], 0))
		g := Go(func() ([]Readiness, error) { return Poll(w.Readable()) })
		parked(t, &g.Greenlet)
		require.NoError(t, again.Close())
		parked(t, &g.Greenlet)
		_, err = unix.Write(fds[1], []byte("x"))
		require.NoError(t, err)
		_, err = g.Get()
		require.NoError(t, err)
		require.NoError(t, WaitRead(fds[0]))
		require.NoError(t, WaitWrite(fds[1]))
		emptyPipe(fds)

		g = Go(func() ([]Readiness, error) { return Poll(w.Readable()) })
		parked(t, &g.Greenlet)
		require.NoError(t, w.Close())
		_, err = g.Get()
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorIs(t, w.Close(), net.ErrClosed)
		require.Empty(t, GetHub().lent)

		require.NoError(t, unix.Close(fds[1]))
		require.NoError(t, WaitRead(fds[0]), "the end can be read")
		require.NoError(t, unix.Close(fds[0]), "it is still the caller's")
		require.ErrorIs(t, WaitRead(fds[0]), syscall.EBADF)
		require.ErrorIs(t, WaitRead(-1), fs.ErrInvalid)
		return nil
	})
}

func TestWatchFdRefuses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "regular")
	require.NoError(t, os.WriteFile(name, nil, 0o600))
	run(t, func() error {
		f, err := os.Open(name)
		require.NoError(t, err)
		_, err = WatchFd(int(f.Fd()))
		if GetHub().poll.Backend() != "kqueue" {
			require.ErrorIs(t, err, fs.ErrPermission)
			require.ErrorContains(t, err, "always ready")
		}
		require.NoError(t, f.Close())
		a, b := pair(t)
		_, err = WatchFd(int(a.fd.sysfd))
		require.ErrorIs(t, err, fs.ErrExist)
		require.NoError(t, a.Readable().Err())
		closeAll(t, a, b)
		return nil
	})
	virtual(t, func() error {
		_, err := WatchFd(0)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		return nil
	})
}

// The hub's end leaves the descriptor open.
func TestWatchFdOutlivesTheHub(t *testing.T) {
	fds := make([]int, 2)
	require.NoError(t, unix.Pipe(fds))
	run(t, func() error { return valueless(WatchFd(fds[0])) })
	_, err := unix.Write(fds[1], []byte("x"))
	require.NoError(t, err)
	emptyPipe(fds)
	require.NoError(t, unix.Close(fds[0]))
	require.NoError(t, unix.Close(fds[1]))
}
