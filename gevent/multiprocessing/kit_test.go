//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A kit is one of each that processes wait for one another with.
type kit struct {
	Lock      *mp.Lock
	RLock     *mp.RLock
	Semaphore *mp.Semaphore
	Bounded   *mp.BoundedSemaphore
	Event     *mp.Event
	Condition *mp.Condition // on an RLock of its own
	OnLock    *mp.Condition // on Lock
	Barrier   *mp.Barrier   // for three
}

func newKit(t testing.TB) *kit {
	t.Helper()
	l := lock(t)
	return &kit{
		l,
		got[*mp.RLock](t)(mp.NewRLock()),
		got[*mp.Semaphore](t)(mp.NewSemaphore(2)),
		got[*mp.BoundedSemaphore](t)(mp.NewBoundedSemaphore(2)),
		got[*mp.Event](t)(mp.NewEvent()),
		got[*mp.Condition](t)(mp.NewCondition(nil)),
		got[*mp.Condition](t)(mp.NewCondition(l)),
		got[*mp.Barrier](t)(mp.NewBarrier(3)),
	}
}

func (k *kit) close(t testing.TB) {
	t.Helper()
	closeAll(t, k.Lock, k.RLock, k.Semaphore, k.Bounded, k.Event, k.Condition, k.OnLock, k.Barrier)
}

// A kitWorker is a process that does what it is told with a kit, one call after the other.
type kitWorker struct {
	*mp.Process
	conn *mp.Conn[string, string]
}

type kitArgs struct {
	Kit  *kit
	Conn *mp.Conn[string, string]
}

var kitWorks = mp.Define("kit: does what it is told", func(a kitArgs) error {
	for call, err := range a.Conn.All() {
		if err != nil {
			return err
		}
		said := "ok"
		if err := a.Kit.do(call); err != nil {
			said = err.Error()
		}
		if err := a.Conn.Send(said); err != nil {
			return err
		}
	}
	return nil
})

func (k *kit) do(call string) error {
	index := func(n int, err error) error {
		if err == nil {
			err = fmt.Errorf("index %d", n)
		}
		return err
	}
	switch call {
	case "Deafen":
		mp.Deafen()
		return nil
	case "Lock.Acquire":
		return k.Lock.Acquire()
	case "RLock.Acquire":
		return k.RLock.Acquire()
	case "RLock.Release":
		return k.RLock.Release()
	case "Semaphore.Acquire":
		return k.Semaphore.Acquire()
	case "Semaphore.Release":
		return k.Semaphore.Release()
	case "Bounded.Acquire":
		return k.Bounded.Acquire()
	case "Bounded.Release":
		return k.Bounded.Release()
	case "Event.Wait":
		return k.Event.Wait()
	case "Event.Set":
		return k.Event.Set()
	case "Condition.Acquire":
		return k.Condition.Acquire()
	case "Condition.Wait":
		return k.Condition.Wait()
	case "Condition.Release":
		return k.Condition.Release()
	case "OnLock.Acquire":
		return k.OnLock.Acquire()
	case "OnLock.Wait":
		return k.OnLock.Wait()
	case "OnLock.Release":
		return k.OnLock.Release()
	case "Barrier.Wait":
		return index(k.Barrier.Wait())
	case "Barrier.Wait with an action":
		k.Barrier.Action = func() error { return errMade }
		return index(k.Barrier.Wait())
	case "Barrier.Wait with a long action":
		k.Barrier.Action = func() error { return gevent.Sleep(time.Hour) }
		return index(k.Barrier.Wait())
	}
	return errors.New("unknown: " + call)
}

func newKitWorker(t testing.TB, k *kit) *kitWorker {
	t.Helper()
	ours, theirs := duplex[string, string](t)
	return &kitWorker{begin(t, kitWorks, kitArgs{k, theirs}), ours}
}

// begins has it begin a call.
func (w *kitWorker) begins(t testing.TB, call string) {
	t.Helper()
	require.NoError(t, w.conn.Send(call))
}

// said is how that has ended.
func (w *kitWorker) said(t testing.TB) string {
	t.Helper()
	return got[string](t)(w.conn.RecvTimeout(patience))
}

func (w *kitWorker) does(t testing.TB, calls ...string) {
	t.Helper()
	for _, call := range calls {
		w.begins(t, call)
		require.Equal(t, "ok", w.said(t), call)
	}
}

// waitsFor has it wait for a condition, and returns when it does. The caller must not have the lock.
func (w *kitWorker) waitsFor(t testing.TB, c *mp.Condition, name string) {
	t.Helper()
	w.does(t, name+".Acquire")
	w.begins(t, name+".Wait")
	require.NoError(t, c.With(func() error { return nil })) // so it has released the lock
}

func (w *kitWorker) killed(t testing.TB) {
	t.Helper()
	require.NoError(t, w.Kill())
	ends(t, w.Process, -int(syscall.SIGKILL))
	require.NoError(t, w.conn.Close())
}

func (w *kitWorker) ends(t testing.TB) {
	t.Helper()
	if raceEnabled { // its exit takes a second
		w.killed(t)
		return
	}
	require.NoError(t, w.conn.Close())
	ends(t, w.Process, 0)
}

// What is in a value twice, or arrives twice in a process, is the same.
func TestKitTravelsTwice(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		type both struct{ A, B *kit }
		out, in := duplex[both, both](t)
		require.NoError(t, out.Send(both{k, k}))
		first := got[both](t)(in.Recv())
		require.NoError(t, first.A.RLock.Acquire())
		require.NoError(t, first.B.RLock.Acquire())
		require.True(t, k.RLock.Owned())
		require.NoError(t, k.RLock.Release())
		require.NoError(t, k.RLock.Release())
		require.Equal(t, mp.ErrNotHeld, first.A.RLock.Release())
		require.NoError(t, first.A.OnLock.Acquire())
		require.True(t, first.B.Lock.Locked(), "the condition's lock is that lock")
		require.NoError(t, first.B.Lock.Release())
		waiter := gevent.Spawn(k.Event.Wait)
		gevent.Yield()
		require.NoError(t, first.B.Event.Set())
		require.NoError(t, waiter.Get())
		first.A.close(t)
		first.B.close(t)
		require.Equal(t, 2, k.Bounded.Value(), "ours are open")
		k.close(t)
		closeAll(t, out, in)
		require.Equal(t, mp.ErrClosed, k.Semaphore.Acquire())
		require.Equal(t, mp.ErrClosed, k.Semaphore.Release())
		require.Equal(t, mp.ErrClosed, k.RLock.Acquire())
		require.Equal(t, mp.ErrClosed, k.RLock.Release())
		require.Equal(t, mp.ErrClosed, k.Event.Set())
		require.Equal(t, mp.ErrClosed, k.Event.Wait())
		require.Equal(t, mp.ErrClosed, k.Condition.Wait())
		require.Equal(t, mp.ErrClosed, k.Condition.NotifyAll())
		require.Equal(t, mp.ErrClosed, k.Condition.Close())
		require.Equal(t, mp.ErrClosed, k.Barrier.Abort())
		_, err := k.Barrier.Wait()
		require.Equal(t, mp.ErrClosed, err)
		_, err = k.Lock.TryAcquire()
		require.Equal(t, mp.ErrClosed, err)
		require.Panics(t, func() { k.Event.IsSet() })
		return nil
	})
}

// A hub that ends while its greenlets hold and wait ends nevertheless, and their waits with it.
func TestKitOfAHubThatEnds(t *testing.T) {
	before := openFds()
	var k *kit
	require.NoError(t, gevent.Run(func() error {
		k = newKit(t)
		require.NoError(t, k.Lock.Acquire())
		require.NoError(t, k.Bounded.Acquire())
		require.NoError(t, k.Bounded.Acquire())
		gevent.Spawn(func() error {
			if err := errors.Join(k.RLock.Acquire(), k.Condition.Acquire()); err != nil {
				return err
			}
			defer func() { require.NoError(t, k.Condition.Release(), "held in deferred functions") }()
			return k.Condition.Wait()
		})
		gevent.Yield()
		for _, call := range []func() error{k.Lock.Acquire, k.RLock.Acquire, k.Bounded.Acquire, k.Event.Wait} {
			gevent.Spawn(call)
		}
		gevent.Spawn(func() error { return val(k.Barrier.Wait()) })
		gevent.Yield()
		for _, c := range []io.Closer{k.RLock, k.Bounded, k.Event, k.Condition, k.Barrier} {
			require.Equal(t, mp.ErrLocked, c.Close())
		}
		return nil
	}))
	own := k.Condition.Locker.(*mp.RLock)
	require.True(t, k.Barrier.Left(k.Barrier.Broken))
	require.False(t, own.Left(own.Locked))
	require.True(t, k.RLock.Left(k.RLock.Locked), "its process has not ended")
	k.close(t)
	require.Equal(t, before, openFds(), "descriptors left")
}

// Where nothing tells those who wait they look again and again, and find the same.
func TestKitWithoutBells(t *testing.T) {
	run(t, func() error {
		mp.Deafen()
		defer mp.Undeafen()
		k := newKit(t)
		a, b := newKitWorker(t, k), newKitWorker(t, k)
		a.does(t, "Deafen", "Lock.Acquire", "RLock.Acquire", "Bounded.Acquire", "Bounded.Acquire")
		b.does(t, "Deafen")
		wait := func(calls ...func() error) (gs []*gevent.Greenlet) {
			for _, call := range calls {
				gs = append(gs, gevent.Spawn(call))
			}
			gevent.Yield()
			return gs
		}
		waiters := wait(k.Lock.Acquire, k.RLock.Acquire, k.Bounded.Acquire, func() error { return val(k.Barrier.Wait()) })
		b.begins(t, "Event.Wait")
		require.NoError(t, k.Event.Set())
		require.Equal(t, "ok", b.said(t))
		a.begins(t, "Barrier.Wait")
		b.begins(t, "Barrier.Wait")
		a.said(t)
		b.said(t)
		require.NoError(t, waiters[3].Get())
		waiters[3] = wait(func() error { return val(k.Barrier.Wait()) })[0]
		a.begins(t, "Barrier.Wait")
		eventually(t, func() bool { return k.Barrier.Waiting() == 2 })
		a.killed(t)
		for i, want := range []error{mp.ErrHolderDied, mp.ErrHolderDied, mp.ErrHolderDied, gevent.ErrBrokenBarrier} {
			require.Equal(t, want, waiters[i].Get())
		}
		b.waitsFor(t, k.Condition, "Condition")
		require.NoError(t, k.Condition.With(func() error { return k.Condition.Notify(1) }))
		require.Equal(t, "ok", b.said(t))
		b.ends(t)
		k.close(t)
		return nil
	})
	require.Zero(t, mp.Hubs())
}

// Each call that parks ends with a kill, a timeout or an error thrown at its greenlet, and leaves all as it was.
func TestKitInterrupted(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		w := newKitWorker(t, k)
		w.does(t, "Lock.Acquire", "RLock.Acquire", "Bounded.Acquire", "Bounded.Acquire")
		never := func() bool { return false }
		c := k.Condition
		calls := map[string]func() error{
			"Lock.Acquire":            k.Lock.Acquire,
			"Lock.AcquireTimeout":     func() error { return k.Lock.AcquireTimeout(time.Hour) },
			"Lock.With":               func() error { return k.Lock.With(nil) },
			"RLock.Acquire":           k.RLock.Acquire,
			"RLock.AcquireTimeout":    func() error { return k.RLock.AcquireTimeout(time.Hour) },
			"RLock.With":              func() error { return k.RLock.With(nil) },
			"Semaphore":               k.Bounded.Acquire,
			"Semaphore.AcquireTimout": func() error { return k.Bounded.AcquireTimeout(time.Hour) },
			"Semaphore.With":          func() error { return k.Bounded.With(nil) },
			"Event.Wait":              k.Event.Wait,
			"Event.WaitTimeout":       func() error { return k.Event.WaitTimeout(time.Hour) },
			"Condition.Wait":          func() error { return c.With(c.Wait) },
			"Condition.WaitTimeout":   func() error { return c.With(func() error { return c.WaitTimeout(time.Hour) }) },
			"Condition.WaitFor":       func() error { return c.With(func() error { return c.WaitFor(never) }) },
			"Condition.WaitForTimeout": func() error {
				return c.With(func() error { return c.WaitForTimeout(time.Hour, never) })
			},
			"Barrier.Wait":        func() error { return val(k.Barrier.Wait()) },
			"Barrier.WaitTimeout": func() error { return val(k.Barrier.WaitTimeout(time.Hour)) },
		}
		for name, call := range calls {
			begun := func() *gevent.Greenlet {
				require.NoError(t, k.Barrier.Reset())
				g := gevent.Spawn(call)
				gevent.Yield()
				require.False(t, g.Ready(), name)
				return g
			}
			require.NoError(t, begun().Kill(), name)
			g := begun()
			g.Throw(errMade)
			require.Equal(t, errMade, g.Get(), name)
			require.NoError(t, k.Barrier.Reset())
			require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, call), gevent.ErrTimeout, name)
			first := begun()
			second := gevent.Spawn(call) // also who waits for a turn
			gevent.Yield()
			require.NoError(t, second.Kill(), name)
			require.NoError(t, first.Kill(), name)
			require.False(t, c.Locked(), name)
		}
		w.does(t, "Bounded.Release", "RLock.Release")
		require.NoError(t, k.RLock.Acquire())
		require.NoError(t, k.Bounded.Acquire())
		w.killed(t)
		require.Equal(t, mp.ErrHolderDied, k.Lock.Acquire())
		k.close(t)
		return nil
	})
}
