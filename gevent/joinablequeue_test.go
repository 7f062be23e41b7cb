package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// eachJoinable runs the test for all kinds that count what is done.
func eachJoinable(t *testing.T, limit int, test func(t *testing.T, q joinable)) {
	eachBox(t, limit, func(t *testing.T, b box) {
		if q, ok := b.(joinable); ok {
			test(t, q)
		}
	})
}

func TestQueueUnfinishedCountsEachPut(t *testing.T) {
	eachJoinable(t, 1, func(t *testing.T, q joinable) {
		g := getter(q)
		parked(t, &g.Greenlet)
		require.NoError(t, q.Put(1))
		require.Equal(t, 1, q.Unfinished(), "handed over")
		require.NoError(t, q.TryPut(2))
		require.Equal(t, 2, q.Unfinished())
		p := putter(q, 3)
		parked(t, p)
		require.Equal(t, 2, q.Unfinished(), "it is not in yet")
		_, err := q.Get()
		require.NoError(t, err)
		require.Equal(t, 3, q.Unfinished(), "now it is")
		q.TaskDone() // before the one who put it runs
		require.NoError(t, p.Get())
		require.Len(t, getAll(q), 1)
		q.TaskDone()
		q.TaskDone()
		require.Zero(t, q.Unfinished())
		require.Panics(t, q.TaskDone)
		require.NoError(t, g.Join())
	})
	require.Equal(t, 2, NewQueue(0, "a", "b").Unfinished(), "initial items")
}

func TestQueueJoin(t *testing.T) {
	eachJoinable(t, 0, func(t *testing.T, q joinable) {
		require.NoError(t, q.Join(), "nothing was put")
		require.NoError(t, q.JoinTimeout(-1))
		require.NoError(t, q.Put(1))
		require.ErrorIs(t, q.JoinTimeout(time.Second), ErrTimeout)
		require.ErrorIs(t, q.JoinTimeout(0), ErrTimeout)
		var l log
		joiner := func(name string) *Greenlet {
			return Spawn(func() error { err := q.Join(); l.add(name); return err })
		}
		a, b := joiner("a"), joiner("b")
		parked(t, a, b)
		require.Len(t, getAll(q), 1)
		parked(t, a, b)
		q.TaskDone()
		require.NoError(t, q.Put(2)) // too late for those who have joined
		require.NoError(t, JoinAll(a, b))
		require.Equal(t, "a b", l.String())
		worker := Spawn(func() error { getAll(q); q.TaskDone(); return nil })
		require.NoError(t, q.JoinTimeout(0), "one chance for all that are ready")
		require.NoError(t, worker.Get())
	})
}

// Items that a shutdown drops count as done; one that a worker still has does not.
func TestQueueShutdownReleasesJoiners(t *testing.T) {
	eachJoinable(t, 0, func(t *testing.T, q joinable) {
		for i := range 3 {
			require.NoError(t, q.Put(i))
		}
		_, err := q.Get()
		require.NoError(t, err)
		joiner := Spawn(q.Join)
		parked(t, joiner)
		q.Shutdown(true)
		parked(t, joiner)
		require.Equal(t, 1, q.Unfinished())
		q.TaskDone()
		require.NoError(t, joiner.Get())
	})
	eachJoinable(t, 0, func(t *testing.T, q joinable) {
		require.NoError(t, q.Put(1))
		joiner := Spawn(q.Join)
		parked(t, joiner)
		q.Shutdown(true)
		require.NoError(t, joiner.Get())
	})
	eachJoinable(t, 0, func(t *testing.T, q joinable) {
		require.NoError(t, q.Put(1))
		q.TaskDone()
		q.Shutdown(true)
		require.Zero(t, q.Unfinished(), "what is dropped was done already")
	})
}
