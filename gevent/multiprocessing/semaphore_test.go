//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func TestRLock(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		l := k.RLock
		require.Equal(t, mp.ErrNotHeld, l.Release())
		require.NoError(t, l.Acquire())
		require.NoError(t, l.AcquireTimeout(0))
		require.True(t, got[bool](t)(l.TryAcquire()))
		require.NoError(t, gevent.Spawn(func() error {
			require.False(t, l.Owned())
			require.True(t, l.Locked())
			require.Equal(t, mp.ErrNotHeld, l.Release(), "another greenlet")
			require.False(t, got[bool](t)(l.TryAcquire()))
			require.Equal(t, gevent.ErrTimeout, l.AcquireTimeout(time.Millisecond))
			return nil
		}).Get())
		w := newKitWorker(t, k)
		w.begins(t, "RLock.Release")
		require.Equal(t, mp.ErrNotHeld.Error(), w.said(t), "another process")
		w.begins(t, "RLock.Acquire")
		next := gevent.Spawn(l.Acquire)
		gevent.Yield()
		require.NoError(t, l.Acquire(), "the owner does not queue up")
		for range 4 {
			require.True(t, l.Owned())
			require.NoError(t, l.Release())
		}
		require.NoError(t, next.Kill())
		require.Equal(t, "ok", w.said(t))
		require.False(t, l.Owned())
		next = gevent.Spawn(func() error {
			if err := l.Acquire(); err != mp.ErrHolderDied {
				return err
			}
			require.NoError(t, l.With(l.Release))
			return l.Release()
		})
		gevent.Yield()
		w.killed(t)
		require.Equal(t, mp.ErrNotHeld, next.Get())
		require.NoError(t, l.With(func() error { return nil }))
		k.close(t)
		return nil
	})
}

func TestSemaphore(t *testing.T) {
	run(t, func() error {
		_, err := mp.NewSemaphore(-1)
		require.EqualError(t, err, "mp: a semaphore of -1 tokens: begin with zero or more")
		_, err = mp.NewBoundedSemaphore(-1)
		require.Error(t, err)
		k := newKit(t)
		s, b := k.Semaphore, k.Bounded
		require.Error(t, s.ReleaseN(0))
		require.Equal(t, mp.ErrNotHeld, b.Release())
		require.NoError(t, s.Release())
		require.Equal(t, 3, s.Value(), "a new token")
		for range 3 {
			require.NoError(t, s.Acquire())
		}
		require.False(t, got[bool](t)(s.TryAcquire()))
		require.Equal(t, gevent.ErrTimeout, s.AcquireTimeout(time.Millisecond))
		require.Equal(t, 0, s.Value())
		w := newKitWorker(t, k)
		w.does(t, "Semaphore.Release", "Bounded.Acquire")
		require.Equal(t, 1, s.Value(), "one of ours")
		require.NoError(t, b.Acquire())
		require.Equal(t, mp.ErrNotHeld, b.ReleaseN(3))
		require.NoError(t, b.ReleaseN(2), "one of its, one of ours")
		w.begins(t, "Bounded.Release")
		require.Equal(t, mp.ErrNotHeld.Error(), w.said(t))
		require.Equal(t, 2, b.Value())

		require.NoError(t, s.Acquire()) // all three are ours
		var woken []int
		for n := range 4 {
			gevent.Spawn(func() error {
				err := s.Acquire()
				woken = append(woken, n)
				return err
			})
		}
		w.begins(t, "Semaphore.Acquire")
		gevent.Yield()
		require.NoError(t, s.ReleaseN(5))
		require.Equal(t, "ok", w.said(t))
		eventually(t, func() bool { return len(woken) == 4 })
		require.Equal(t, []int{0, 1, 2, 3}, woken, "first come, first served")
		require.Equal(t, 0, s.Value())
		k.close(t)
		w.ends(t)
		return nil
	})
}

// Tokens of processes that die come back, and for each of these one owner is told.
func TestSemaphoreOfDeadHolders(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		s := k.Semaphore
		a, b := newKitWorker(t, k), newKitWorker(t, k)
		a.does(t, "Semaphore.Acquire")
		b.does(t, "Semaphore.Acquire")
		waiters := []*gevent.Greenlet{gevent.Spawn(s.Acquire), gevent.Spawn(s.Acquire)}
		gevent.Yield()
		for i, w := range []*kitWorker{a, b} {
			w.killed(t)
			require.Equal(t, mp.ErrHolderDied, waiters[i].Get())
		}
		require.Equal(t, gevent.ErrTimeout, s.AcquireTimeout(0))
		require.NoError(t, s.ReleaseN(2))
		require.NoError(t, s.Acquire(), "told once")
		c := newKitWorker(t, k)
		c.does(t, "Semaphore.Acquire", "Bounded.Acquire", "Bounded.Acquire")
		c.killed(t)
		require.Equal(t, 0, k.Bounded.Value(), "nobody has looked")
		ok, err := k.Bounded.TryAcquire()
		require.True(t, ok)
		require.Equal(t, mp.ErrHolderDied, err, "for two tokens, too")
		require.Equal(t, 1, k.Bounded.Value())
		require.NoError(t, k.Bounded.With(func() error { return nil }))
		require.Equal(t, mp.ErrHolderDied, s.With(func() error { panic("called") }))
		require.Equal(t, 1, s.Value())
		k.close(t)
		return nil
	})
}

func TestEventBetweenProcesses(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		e := k.Event
		w := newKitWorker(t, k)
		require.False(t, e.IsSet())
		require.Equal(t, gevent.ErrTimeout, e.WaitTimeout(0))
		require.Equal(t, gevent.ErrTimeout, e.WaitTimeout(time.Millisecond))
		waiter := gevent.Spawn(e.Wait)
		require.Empty(t, got[[]gevent.Waitable](t)(mp.Wait(0, waiter)))
		w.does(t, "Event.Set", "Event.Wait")
		require.Len(t, got[[]gevent.Waitable](t)(mp.Wait(patience, waiter)), 1)
		require.NoError(t, waiter.Get())
		require.True(t, e.IsSet())
		require.NoError(t, e.Set())
		require.NoError(t, e.Wait())
		require.NoError(t, e.Clear())
		require.NoError(t, e.Clear())
		require.False(t, e.IsSet())
		waiter = gevent.Spawn(e.Wait)
		w.begins(t, "Event.Wait")
		gevent.Yield()
		require.NoError(t, e.Set())
		require.NoError(t, e.Clear())
		require.NoError(t, waiter.Get(), "the Set was for it")
		require.NoError(t, e.Set()) // the other process may have come too late
		require.Equal(t, "ok", w.said(t))
		w.ends(t)
		k.close(t)
		return nil
	})
}
