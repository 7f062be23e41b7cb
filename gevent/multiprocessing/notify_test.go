//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// However many have given up since the last notification, the next ones are found in a few looks: the latch is held.
func TestNotifyAfterManyGaveUp(t *testing.T) {
	inHub(t, func() {
		c, err := NewCondition(nil)
		require.NoError(t, err)
		q := ticketsOf(c.r)
		var waiters []*gevent.Greenlet
		for range 5 {
			q.state.given.Add(1 << 40) // as many had a ticket
			waiters = append(waiters, gevent.Spawn(func() error { return c.With(c.Wait) }))
			gevent.Yield()
		}
		waiting := func() int { return int(q.waiting(q.state.given.Load())) }
		for _, n := range []int{1, 2} {
			before := waiting()
			require.NoError(t, c.With(func() error { return c.Notify(n) }))
			require.Equal(t, before-n, waiting())
		}
		require.Equal(t, 2, waiting())
		require.NoError(t, gevent.JoinAll(waiters[:3]...))
		require.False(t, waiters[3].Ready())
		require.NoError(t, c.With(func() error { return c.Notify(7) }))
		require.Zero(t, waiting())
		require.NoError(t, gevent.JoinAll(waiters...))
		require.Equal(t, q.state.given.Load(), q.state.notified.Load())
		require.NoError(t, c.Close())
	})
}

// A condition is closed as a whole or not at all.
func TestConditionCloseWhileLockIsAwaited(t *testing.T) {
	inHub(t, func() {
		c, err := NewCondition(nil)
		require.NoError(t, err)
		require.NoError(t, c.Acquire())
		waiter := gevent.Spawn(func() error { return c.With(func() error { return nil }) })
		gevent.Yield()
		require.Equal(t, ErrLocked, c.Close())
		require.NoError(t, c.Notify(1), "it is open")
		require.NoError(t, c.Release())
		require.NoError(t, waiter.Get())
		require.NoError(t, c.Close())
		require.Equal(t, ErrClosed, c.Close())
	})
}
