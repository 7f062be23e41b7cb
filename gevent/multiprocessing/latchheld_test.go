//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
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
