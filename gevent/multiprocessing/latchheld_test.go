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

func heldLatch(t *testing.T, r *region) (goOn func()) {
	t.Helper()
	require.True(t, r.header().latch.CompareAndSwap(0, uint64(newIdentity(os.Getppid(), 0))))
	return r.leave
}

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
