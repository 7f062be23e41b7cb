//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

const latchPatience = 20 * time.Second

// heldLatch has a process that was stopped within the latch of a region.
func heldLatch(t *testing.T, r *region) (goOn func()) {
	t.Helper()
	require.True(t, r.header().latch.CompareAndSwap(0, uint64(newIdentity(os.Getppid(), 0))))
	return r.leave
}

// waitsForLatch returns when a greenlet waits for the latch.
func waitsForLatch(t *testing.T, r *region) {
	t.Helper()
	require.NoError(t, gevent.WithTimeout(latchPatience, func() error {
		for r.late == 0 {
			if err := gevent.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	}))
}

// What arrives is decoded under a lock of Go's, which would stop the hub if the greenlet parked there.
func TestArrivalNeedsNoLatch(t *testing.T) {
	inHub(t, func() {
		q, err := NewJoinableQueue[int](0)
		require.NoError(t, err)
		r, s, err := Pipe[*JoinableQueue[int]]()
		require.NoError(t, err)
		require.NoError(t, q.Put(1))
		_, err = q.Get()
		require.NoError(t, err)
		q.r.enter()
		ring{q.r}.lose(me())
		q.r.leave()
		require.NoError(t, s.Send(q))
		goOn := heldLatch(t, q.r)
		var same *JoinableQueue[int]
		receiver := gevent.Spawn(func() (err error) { same, err = r.Recv(); return err })
		for !receiver.Ready() {
			require.Zero(t, q.r.late, "it waits for the latch")
			require.NoError(t, gevent.Sleep(time.Millisecond))
		}
		goOn()
		require.NoError(t, receiver.Get())
		require.NoError(t, same.Join(), "what was lost before it came is not told")
		require.ErrorIs(t, q.Join(), ErrLost)
		for _, c := range []interface{ Close() error }{same, q, r, s} {
			require.NoError(t, c.Close())
		}
	})
}

// What is thrown at a greenlet that waits for the latch, where no error could be returned, ends its next wait.
func TestThrownAtBeforeTheLatch(t *testing.T) {
	inHub(t, func() {
		e, err := NewEvent()
		require.NoError(t, err)
		thrown := errors.New("thrown")
		goOn := heldLatch(t, e.r)
		waiter := gevent.Spawn(func() error { return e.WaitTimeout(latchPatience) })
		waitsForLatch(t, e.r)
		waiter.Throw(thrown)
		for range 3 {
			require.NoError(t, gevent.Sleep(time.Millisecond))
		}
		require.False(t, waiter.Ready())
		goOn()
		require.Equal(t, thrown, waiter.Get())
		require.NoError(t, e.Close())
	})
}

// Who is killed while it gives the lock up, to wait, has it again when its deferred functions run.
func TestConditionKilledBeforeTheLatch(t *testing.T) {
	inHub(t, func() {
		for _, d := range []time.Duration{gevent.Never, 0} {
			l, err := NewRLock()
			require.NoError(t, err)
			c, err := NewCondition(l)
			require.NoError(t, err)
			var released []error
			release := func() { released = append(released, l.Release()) }
			goOn := func() {}
			waiter := gevent.Spawn(func() error {
				for range 2 {
					if err := l.Acquire(); err != nil {
						return err
					}
					defer release()
				}
				goOn = heldLatch(t, l.r)
				return c.WaitTimeout(d)
			})
			waitsForLatch(t, l.r)
			waiter.KillAsync()
			for range 3 {
				require.NoError(t, gevent.Sleep(time.Millisecond))
			}
			goOn()
			require.ErrorIs(t, waiter.Get(), gevent.ErrExit)
			require.Equal(t, []error{nil, nil}, released, "held as often")
			require.False(t, l.Locked())
			require.NoError(t, c.Close())
			require.NoError(t, l.Close())
		}
	})
}
