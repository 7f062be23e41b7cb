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
	require.NoError(t, w.conn.Close())
	ends(t, w.Process, 0)
}

// died is what a process says that was told of a death.
var died = mp.ErrHolderDied.Error()

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
	require.True(t, k.Barrier.Broken())
	require.False(t, k.Condition.Locked())
	require.True(t, k.RLock.Locked(), "its process has not ended")
	k.close(t)
	require.Equal(t, before, openFds(), "descriptors left")
}
