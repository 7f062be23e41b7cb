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

func joinableOf[T any](t testing.TB, max int) *mp.JoinableQueue[T] {
	t.Helper()
	q, err := mp.NewJoinableQueue[T](max)
	require.NoError(t, err)
	return q
}

type joinableArgs struct {
	Queue *mp.JoinableQueue[int]
	Told  *mp.Sender[int]
	Hands int // how many items are not done
}

// joinableWorks keeps the first few items in its hands; of the others it tells, and says that they are done.
var joinableWorks = mp.Define("joinable queue: works", func(a joinableArgs) error {
	for range a.Hands {
		if _, err := a.Queue.Get(); err != nil {
			return err
		}
	}
	for {
		n, err := a.Queue.Get()
		if err != nil {
			return err
		}
		if err := errors.Join(a.Told.Send(n), a.Queue.TaskDone()); err != nil {
			return err
		}
	}
})

func TestJoinableQueue(t *testing.T) {
	run(t, func() error {
		q := joinableOf[int](t, 0)
		require.NoError(t, q.Join(), "nothing to wait for")
		require.Equal(t, mp.ErrNotTaken, q.TaskDone())
		require.NoError(t, q.Put(1))
		require.NoError(t, q.Put(2))
		require.Equal(t, mp.ErrNotTaken, q.TaskDone(), "nothing was got")
		require.Equal(t, gevent.ErrTimeout, q.JoinTimeout(time.Millisecond))
		joiners := []*gevent.Greenlet{gevent.Spawn(q.Join), gevent.Spawn(q.Join)}
		got[int](t)(q.Get())
		require.NoError(t, q.TaskDone())
		require.Equal(t, 1, q.Unfinished())
		got[int](t)(q.Get())
		gevent.Yield()
		require.False(t, joiners[0].Ready())
		require.NoError(t, q.TaskDone())
		require.NoError(t, q.Put(3)) // those who wait are not to wait for this one
		for _, g := range joiners {
			require.NoError(t, g.Get())
		}
		require.Equal(t, gevent.ErrTimeout, q.JoinTimeout(0))
		require.Equal(t, []int{3}, got[[]int](t)(q.GetMany(3)))
		require.NoError(t, q.TaskDone())
		require.Equal(t, mp.ErrNotTaken, q.TaskDone())

		picky := joinableOf[queuePicky](t, 0)
		require.NoError(t, picky.Put(queuePicky{13}))
		_, err := picky.Get()
		require.Error(t, err)
		require.NoError(t, picky.Join(), "what could not be decoded is done")
		closeAll(t, q, picky)
		require.Equal(t, mp.ErrClosed, q.Join())
		require.Equal(t, mp.ErrClosed, q.TaskDone())
		return nil
	})
}

// A process that dies with items in its hands holds up nobody for ever, and Join tells.
func TestJoinableQueueLost(t *testing.T) {
	run(t, func() error {
		q := joinableOf[int](t, 0)
		toldA, a := pipe[int](t)
		toldB, b := pipe[int](t)
		for n := range 3 {
			require.NoError(t, q.Put(n))
		}
		early := gevent.Spawn(q.Join) // it waits before anybody has anything
		gevent.Yield()
		dies := begin(t, joinableWorks, joinableArgs{q, a, 2})
		require.Equal(t, 2, got[int](t)(toldA.Recv()))
		eventually(t, func() bool { return q.Unfinished() == 2 })
		require.False(t, early.Ready())
		pid := dies.PID()
		require.NoError(t, dies.Kill())
		var lost *mp.LostError
		require.ErrorAs(t, early.Get(), &lost)
		require.Equal(t, mp.LostError{Items: 2, PID: pid}, *lost)
		require.ErrorIs(t, lost, mp.ErrLost)
		require.NoError(t, q.Join(), "told once")

		works := begin(t, joinableWorks, joinableArgs{q, b, 0})
		for n := range 100 {
			require.NoError(t, q.Put(n))
		}
		require.NoError(t, q.Join())
		require.Equal(t, 0, q.Unfinished())
		require.NoError(t, works.Kill())
		require.NoError(t, works.JoinTimeout(patience))
		for n := range 100 {
			require.Equal(t, n, got[int](t)(toldB.Recv()))
		}
		require.NoError(t, q.Put(0))
		require.Equal(t, gevent.ErrTimeout, q.JoinTimeout(5*time.Millisecond), "nobody's death is noticed twice")
		got[int](t)(q.Get())
		require.NoError(t, q.TaskDone())
		require.NoError(t, q.Join())
		closeAll(t, q, toldA, toldB)
		return nil
	})
}
