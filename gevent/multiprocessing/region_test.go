//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
	"greenloop/sched"
)

// What gives the bells nothing to wait for any more, before they begin to, does not keep the hub from ending.
func TestBellsHideNoDeadlock(t *testing.T) {
	guard := time.AfterFunc(patience, func() { panic("the hub stands still") })
	defer guard.Stop()
	var deadlock *sched.DeadlockError
	require.ErrorAs(t, gevent.Run(func() error {
		l, other := lock(t), lock(t)
		require.NoError(t, other.Acquire())
		require.Equal(t, gevent.ErrTimeout, other.AcquireTimeout(time.Millisecond), "the bells have begun")
		told, s := pipe[string](t)
		r, let := pipe[bool](t)
		p := begin(t, lockHolds, lockArgs{l, s, r, 0})
		require.Equal(t, "held", got[string](t)(told.Recv()))
		require.NoError(t, p.Kill())
		ends(t, p, -9)
		require.Equal(t, mp.ErrHolderDied, l.Acquire(), "at once")
		closeAll(t, l, other, told, let)
		return new(gevent.Event).Wait()
	}), &deadlock)
}

// Who waits for the turn to wait is waiting, too.
func TestRegionClosedInTheTurn(t *testing.T) {
	run(t, func() error {
		l := lock(t)
		require.NoError(t, l.Acquire())
		first := gevent.Spawn(func() error {
			if err := l.Acquire(); err != nil {
				return err
			}
			require.NoError(t, l.Release())
			require.Equal(t, mp.ErrLocked, l.Close())
			return nil
		})
		second := gevent.Spawn(l.Acquire)
		gevent.Yield()
		require.NoError(t, l.Release())
		require.NoError(t, first.Get())
		require.NoError(t, second.Get())
		return l.Close()
	})
}

// A deferred function may wait at the end of the hub, when nothing can be spawned any more.
func TestLockAtTheEndOfTheHub(t *testing.T) {
	for _, before := range []bool{false, true} {
		err := gevent.ErrExit
		var l *mp.Lock
		run(t, func() error {
			l = lock(t)
			told, s := pipe[string](t)
			r, let := pipe[bool](t)
			begin(t, lockHolds, lockArgs{l, s, r, 0})
			require.Equal(t, "held", got[string](t)(told.Recv()))
			gevent.Spawn(func() error {
				defer func() {
					require.NoError(t, let.Send(true))
					err = l.Acquire()
					closeAll(t, l, told, let)
				}()
				if before {
					return l.Acquire()
				}
				return gevent.Sleep(time.Hour)
			})
			return gevent.Sleep(time.Millisecond)
		})
		require.NoError(t, err)
	}
}
