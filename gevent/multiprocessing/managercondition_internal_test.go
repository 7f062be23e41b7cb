//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A notification goes on to the next one if the client that it was for dies, whether or not that has the lock by then.
func TestManagerConditionPassedOn(t *testing.T) {
	for _, dies := range []string{"notified", "with the lock", "about to notify"} {
		inHub(t, func() {
			first, other := bareSession(t)
			const condition = 9
			d := first.server.objects[condition].object.(*managedCondition)
			next, notifier := aClient(first.server, other), aClient(first.server, other)
			for _, s := range []*managerSession{first, next} {
				s.handle(&fieldReader{rest: request(1, condition, opLockAcquire, 1, 0)})
				s.handle(&fieldReader{rest: request(2, condition, opConditionWait, 1)})
			}
			require.Equal(t, 2, d.waiting.n)
			notifier.handle(&fieldReader{rest: request(1, condition, opLockAcquire, 1, 0)})
			if dies != "about to notify" {
				notifier.handle(&fieldReader{rest: request(2, condition, opConditionNotify, 1, 1)})
			}
			before := len(next.mail.pending)
			switch dies {
			case "notified":
				first.end()
				notifier.handle(&fieldReader{rest: request(3, condition, opLockRelease, 1)})
				require.Same(t, next, d.session)
				require.Equal(t, "\x00\x00\x00\x03\x02\x00\x02", string(next.mail.pending[before:]))
			case "with the lock":
				notifier.handle(&fieldReader{rest: request(3, condition, opLockRelease, 1)})
				require.Same(t, first, d.session)
				first.end()
				require.Same(t, next, d.session)
				require.Equal(t, byte(statusHolderDied), next.mail.pending[before+5])
			case "about to notify":
				notifier.end()
				require.Same(t, first, d.session)
				require.Equal(t, 1, d.waiting.n)
				first.end()
			}
			next.end()
			if dies != "about to notify" {
				notifier.end()
			}
			require.Zero(t, d.depth)
		})
	}
}

// aClient returns a session of another client of s's manager, over c, which it does not use.
func aClient(s *managerServer, c *Connection) *managerSession {
	return &managerSession{
		server: s, c: c, mail: newManagerMail(c, 1<<20, func() {}),
		waiting: map[uint64]*managerCall{}, taken: map[uint64]loan{}, held: map[*managedLock]struct{}{},
	}
}

// Who cannot do anything about a death passes that on, also to those that wait for a notification: the dead one may have
// been about to give it.
func TestManagerConditionDeathPassedOn(t *testing.T) {
	for _, undoes := range []string{"a waiter", "who was in the line"} {
		inHub(t, func() {
			first, other := bareSession(t)
			const condition = 9
			d := first.server.objects[condition].object.(*managedCondition)
			next, holder := aClient(first.server, other), aClient(first.server, other)
			for _, s := range []*managerSession{first, next} {
				s.handle(&fieldReader{rest: request(1, condition, opLockAcquire, 1, 0)})
				s.handle(&fieldReader{rest: request(2, condition, opConditionWait, 1)})
			}
			holder.handle(&fieldReader{rest: request(1, condition, opLockAcquire, 1, 0)})
			if undoes == "a waiter" {
				holder.end()
				require.Same(t, first, d.session)
				first.handle(&fieldReader{rest: request(0, condition, opConditionUndo, 1, 1)})
				require.Same(t, next, d.session)
			} else {
				first.handle(&fieldReader{rest: request(3, condition, opLockAcquire, 2, 0)})
				holder.end()
				require.Same(t, first, d.session)
				require.Equal(t, 2, d.waiting.n)
				first.handle(&fieldReader{rest: request(0, condition, opLockUndo, 2, 1)})
				require.Same(t, first, d.session)
				require.Equal(t, uint64(1), d.owner)
				require.Equal(t, 1, d.waiting.n)
			}
			first.end()
			next.end()
			require.Zero(t, d.depth)
		})
	}
}

// A greenlet that is killed while it waits gets the lock for its deferred functions. That a holder has died it cannot be
// told: the next one is.
func TestManagerConditionDeathMeetsKill(t *testing.T) {
	inHub(t, func() {
		m, err := ServeManager(ManagerConfig{})
		require.NoError(t, err)
		c, err := m.Condition()
		require.NoError(t, err)
		d := m.server.objects[c.object].object.(*managedCondition)
		until := func(what func() bool) {
			for begin := time.Now(); !what(); gevent.Yield() {
				require.Less(t, time.Since(begin), time.Minute)
			}
		}
		waiter := gevent.Spawn(func() error { return c.With(c.Wait) })
		until(func() bool { return d.waiting.n == 1 })
		a, b, err := NewConnections()
		require.NoError(t, err)
		holder := aClient(m.server, a)
		holder.handle(&fieldReader{rest: request(1, c.object, opLockAcquire, 1, 0)})
		waiter.KillAsync()
		until(func() bool { return d.line.n == 1 })
		holder.end()
		require.NoError(t, waiter.Join())
		require.Equal(t, ErrHolderDied, c.Acquire())
		require.NoError(t, c.Release())
		require.NoError(t, c.With(func() error { return nil }))
		require.NoError(t, b.Close())
		require.NoError(t, m.Shutdown())
	})
}
