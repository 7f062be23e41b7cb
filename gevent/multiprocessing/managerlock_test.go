//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func TestManagerLocks(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		l, r := got[*mp.LockProxy](t)(m.Lock()), got[*mp.RLockProxy](t)(m.RLock())
		require.Equal(t, mp.ErrNotHeld, l.Release())
		require.NoError(t, l.Acquire())
		require.ErrorIs(t, l.AcquireTimeout(time.Millisecond), gevent.ErrTimeout)
		require.False(t, got[bool](t)(l.TryAcquire()))
		require.NoError(t, gevent.Spawn(l.Release).Get())
		require.True(t, got[bool](t)(l.TryAcquire()))
		require.NoError(t, l.Release())

		require.NoError(t, r.Acquire())
		require.True(t, got[bool](t)(r.TryAcquire()))
		require.Equal(t, mp.ErrNotHeld, gevent.Spawn(r.Release).Get())
		require.ErrorIs(t, gevent.Spawn(func() error { return r.AcquireTimeout(time.Millisecond) }).Get(), gevent.ErrTimeout)
		require.NoError(t, r.Release())
		require.True(t, got[bool](t)(r.Locked()))
		require.NoError(t, r.Release())
		require.Equal(t, mp.ErrNotHeld, r.Release())

		inside := 0
		var all []*gevent.Greenlet
		for n := range 30 {
			all = append(all, gevent.Spawn(func() error {
				return l.With(func() error {
					inside++
					defer func() { inside-- }()
					if inside > 1 {
						return errMade
					}
					gevent.Yield()
					return nil
				})
			}))
			if n%3 == 0 {
				all[n].KillAsync()
			}
		}
		for n, g := range all {
			if err := g.Get(); n%3 != 0 {
				require.NoError(t, err)
			}
		}
		require.Panics(t, func() { _ = l.With(func() error { panic("made for a test") }) })
		require.True(t, got[bool](t)(l.TryAcquire()))
	})
}

func TestManagerSemaphore(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		s := got[*mp.SemaphoreProxy](t)(m.Semaphore(2))
		require.NoError(t, s.Acquire())
		require.True(t, got[bool](t)(s.TryAcquire()))
		require.False(t, got[bool](t)(s.TryAcquire()))
		first, second := gevent.Spawn(s.Acquire), gevent.Spawn(s.Acquire)
		require.Equal(t, 0, got[int](t)(s.Value()))
		require.NoError(t, s.Release(3))
		require.NoError(t, errors.Join(first.Get(), second.Get()))
		require.Equal(t, 1, got[int](t)(s.Value()))
		require.NoError(t, s.AcquireTimeout(time.Hour))
		require.Panics(t, func() { _ = s.Release(0) })
		require.Panics(t, func() { _, _ = m.Semaphore(-1) })
	})
}

func TestManagerEvent(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		e := got[*mp.EventProxy](t)(m.Event())
		require.ErrorIs(t, e.WaitTimeout(time.Millisecond), gevent.ErrTimeout)
		first, second := gevent.Spawn(e.Wait), gevent.Spawn(e.Wait)
		require.False(t, got[bool](t)(e.IsSet()))
		require.NoError(t, e.Set())
		require.NoError(t, errors.Join(first.Get(), second.Get(), e.Wait()))
		require.True(t, got[bool](t)(e.IsSet()))
		require.NoError(t, e.Clear())
		require.False(t, got[bool](t)(e.IsSet()))
	})
}

func TestManagerBarrier(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		b := got[*mp.BarrierProxy](t)(m.Barrier(3))
		for range 2 {
			first, second := gevent.Go(b.Wait), gevent.Go(b.Wait)
			gevent.Yield()
			require.Equal(t, 2, got[int](t)(b.Waiting()))
			require.Equal(t, 2, got[int](t)(b.Wait()))
			require.Equal(t, 0, got[int](t)(first.Get()))
			require.Equal(t, 1, got[int](t)(second.Get()))
		}
		waiting := gevent.Go(b.Wait)
		_, err := b.WaitTimeout(time.Millisecond)
		require.ErrorIs(t, err, gevent.ErrTimeout)
		_, err = waiting.Get()
		require.Equal(t, gevent.ErrBrokenBarrier, err)
		require.True(t, got[bool](t)(b.Broken()))
		_, err = b.Wait()
		require.Equal(t, gevent.ErrBrokenBarrier, err)
		require.NoError(t, b.Reset())
		waiting = gevent.Go(b.Wait)
		gevent.Yield()
		require.NoError(t, b.Abort())
		_, err = waiting.Get()
		require.Equal(t, gevent.ErrBrokenBarrier, err)
		require.Panics(t, func() { _, _ = m.Barrier(0) })
	})
}

// A process that ends right after it has had a lock has given it back.
func TestManagerLockGivenBackAtEnd(t *testing.T) {
	run(t, func() error {
		m := got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{}))
		l := got[*mp.LockProxy](t)(m.Lock())
		p, r := sendErrand(t, managerClientArgs{
			Manager: m, What: "with", Lock: l, Queue: managedQueue[int](t, m, 0), Dict: dictOf[string, int](t, m),
		})
		require.Equal(t, "<nil>", got[string](t)(r.Recv()))
		ends(t, p, 0)
		require.NoError(t, l.AcquireTimeout(patience))
		closeAll(t, r)
		return m.Shutdown()
	})
}
