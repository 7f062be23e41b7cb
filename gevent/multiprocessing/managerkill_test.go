//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A manager may be killed at any moment: whoever calls it, or waits in it, is told, and nothing is left.
func TestManagersKilledAtRandom(t *testing.T) {
	rounds := 3
	if os.Getenv("GREENLOOP_TORTURE") != "" {
		rounds = 300
	}
	run(t, func() error {
		for range rounds {
			m := got[*mp.Manager](t)(mp.StartManager(mp.ManagerConfig{}))
			calls := managerCalls(t, m)
			var callers []*gevent.Greenlet
			for _, call := range calls {
				callers = append(callers, gevent.Spawn(func() error {
					for {
						if err := call(); err != nil {
							return err
						}
					}
				}))
			}
			require.NoError(t, gevent.Sleep(time.Duration(rand.IntN(4000))*time.Microsecond))
			require.NoError(t, m.Process().Kill())
			for _, g := range callers {
				err := g.GetTimeout(patience)
				lost := err == mp.ErrNotHeld // a lock
				require.True(t, lost || errors.Is(err, mp.ErrUncertain) || errors.Is(err, mp.ErrNoManager), "%v", err)
			}
			require.NoError(t, m.Process().JoinTimeout(patience))
		}
		return nil
	})
}

// managerCalls returns calls of all kinds: of those that return at once, and of those that wait.
func managerCalls(t *testing.T, m *mp.Manager) []func() error {
	votes, items := dictOf[string, int](t, m), managedQueue[int](t, m, 2)
	lock, event := got[*mp.LockProxy](t)(m.Lock()), got[*mp.EventProxy](t)(m.Event())
	return []func() error{
		func() error { return votes.Set("red", 1) },
		func() error { return items.Put(1) },
		func() error { _, err := items.Get(); return err },
		func() error { return lock.With(func() error { gevent.Yield(); return nil }) },
		func() error { return lock.With(func() error { gevent.Yield(); return nil }) },
		event.Wait,
	}
}
