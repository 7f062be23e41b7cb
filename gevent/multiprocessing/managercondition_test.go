//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func TestManagerCondition(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		c := got[*mp.ConditionProxy](t)(m.Condition())
		require.Equal(t, mp.ErrNotHeld, c.Wait())
		require.Equal(t, mp.ErrNotHeld, c.Notify(1))
		require.Panics(t, func() { _ = c.Notify(0) })

		var woken []int
		var waiters []*gevent.Greenlet
		for n := range 3 {
			waiters = append(waiters, gevent.Spawn(func() error {
				return c.With(func() error {
					return c.With(func() error { // twice: it has it twice again afterwards
						if err := c.Wait(); err != nil {
							return err
						}
						woken = append(woken, n)
						return nil
					})
				})
			}))
			eventually(t, func() bool { return !got[bool](t)(c.Locked()) })
		}
		for _, notify := range []func() error{func() error { return c.Notify(1) }, c.NotifyAll} {
			require.NoError(t, c.With(func() error {
				before := len(woken)
				require.NoError(t, notify())
				require.Len(t, woken, before, "the notifier has the lock")
				return nil
			}))
			require.NoError(t, waiters[0].Get())
		}
		for _, g := range waiters {
			require.NoError(t, g.Get())
		}
		require.Equal(t, []int{0, 1, 2}, woken)
		require.True(t, got[bool](t)(c.TryAcquire()))
		require.NoError(t, c.Release())
	})
}

// Whoever is interrupted while it waits has the lock again afterwards.
func TestManagerConditionInterrupted(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		c := got[*mp.ConditionProxy](t)(m.Condition())
		holds := func() {
			require.True(t, got[bool](t)(c.Locked()))
			require.NoError(t, c.Release())
		}
		require.NoError(t, c.Acquire())
		require.ErrorIs(t, c.WaitTimeout(time.Millisecond), gevent.ErrTimeout)
		holds()

		waiting := func() *gevent.Greenlet {
			g := gevent.Spawn(func() error {
				if err := c.Acquire(); err != nil {
					return err
				}
				defer holds()
				return c.Wait()
			})
			gevent.Yield()
			require.NoError(t, c.With(func() error { return nil }), "it comes after the waiter")
			return g
		}
		g := waiting()
		require.NoError(t, c.Acquire())
		g.Throw(errMade)
		require.True(t, got[bool](t)(c.Locked()))
		require.False(t, g.Ready(), "it waits for the lock")
		require.NoError(t, c.Release())
		require.Equal(t, errMade, g.Get())
		require.NoError(t, waiting().Kill())

		g = gevent.Spawn(func() error { return c.With(c.Wait) })
		gevent.Yield()
		require.NoError(t, c.Acquire())
		g.KillAsync()
		require.True(t, got[bool](t)(c.Locked()))
		require.False(t, g.Ready(), "it waits for the lock")
		g.KillAsync()
		gevent.Yield()
		require.True(t, g.Ready(), "it does not any more")
		require.NoError(t, c.Release())
		require.True(t, got[bool](t)(c.TryAcquire()))
	})
}

// A notification of one that was interrupted meanwhile goes to the next one.
func TestManagerConditionPassedOnByInterrupted(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		c := got[*mp.ConditionProxy](t)(m.Condition())
		for n, interrupt := range []func(g *gevent.Greenlet){
			func(g *gevent.Greenlet) { g.Throw(errMade) },
			func(g *gevent.Greenlet) { g.KillAsync() },
			func(g *gevent.Greenlet) { g.KillAsync(); gevent.Yield(); g.KillAsync() },
		} {
			var waiters []*gevent.Greenlet
			for range 2 {
				waiters = append(waiters, gevent.Spawn(func() error { return c.With(c.Wait) }))
				gevent.Yield()
				require.NoError(t, c.With(func() error { return nil }), "it comes after the waiter")
			}
			require.NoError(t, c.With(func() error {
				require.NoError(t, c.Notify(1))
				interrupt(waiters[0])
				return nil
			}))
			require.NoError(t, waiters[1].GetTimeout(patience), n)
			require.Error(t, waiters[0].Get())
		}
	})
}
