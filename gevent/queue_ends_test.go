package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// The same if nobody has had a turn yet since the waits ended: who is served next is not one of those.
func TestQueueWaitThatEndedJustNow(t *testing.T) {
	eachBoxWait(t, func(t *testing.T, op string, w boxWait, b box) {
		wait := func(v int) *Result[int] {
			return Go(func() (int, error) { return v, w.wait(b, v, 0) })
		}
		killed, thrown, canceled, third := wait(1), wait(2), wait(4), wait(3)
		parked(t, &killed.Greenlet, &thrown.Greenlet, &canceled.Greenlet, &third.Greenlet)
		killed.KillAsync()
		throw(&thrown.Greenlet, errMade)
		canceled.hub.sched.Cancel(&canceled.task, errMade)
		w.serve(t, b, third)
		require.NoError(t, killed.Join())
		require.ErrorIs(t, killed.Err(), ErrExit)
		require.NoError(t, thrown.Join())
		require.Same(t, errMade, thrown.Err())
		require.NoError(t, canceled.Join())
		require.Same(t, errMade, canceled.Err())
	})
}

// Shutdown ends all waits, but for those that join.
func TestQueueShutdownEndsAllWaits(t *testing.T) {
	for _, immediate := range []bool{false, true} {
		eachBoxWait(t, func(t *testing.T, op string, w boxWait, b box) {
			wait := func() *Result[int] { return Go(func() (int, error) { return 0, w.wait(b, 3, 0) }) }
			gs := []*Result[int]{wait(), wait(), wait()}
			parked(t, &gs[0].Greenlet, &gs[1].Greenlet, &gs[2].Greenlet)
			shutdown(b, immediate)
			for _, g := range gs {
				if op == "join" {
					continue
				}
				require.NoError(t, g.Join())
				require.Same(t, ErrShutdown, g.Err())
			}
			require.Same(t, ErrShutdown, b.Put(9))
			if op == "join" && !immediate {
				parked(t, &gs[0].Greenlet, &gs[1].Greenlet, &gs[2].Greenlet)
				require.Equal(t, []int{1}, getAll(b))
				b.(joinable).TaskDone()
			}
			for _, g := range gs {
				require.NoError(t, g.Join())
			}
			left := getAll(b)
			if immediate || op != "put" {
				require.Empty(t, left)
			} else if _, holdsNone := b.(closable); !holdsNone {
				require.Equal(t, []int{0, 0}, left, "what was there, and nothing of those that waited")
			}
			_, err := b.Get()
			require.Same(t, ErrShutdown, err)
		})
	}
}

// An error that was thrown at a greenlet that runs, ends its next wait, before it begins, and nothing that needs none.
func TestQueueThrownBeforeTheWait(t *testing.T) {
	eachBoxWait(t, func(t *testing.T, op string, w boxWait, b box) {
		h := GetHub()
		h.sched.Throw(h.sched.Current(), errMade)
		require.Same(t, errMade, w.wait(b, 3, 0))
		requireNobody(t, b)
		h.sched.Throw(h.sched.Current(), errMade)
		require.Same(t, errMade, w.wait(b, 3, time.Second))
	})
	virtual(t, func() error {
		q, h := NewQueue(0, 1), GetHub()
		h.sched.Throw(h.sched.Current(), errMade)
		_, err := q.Get()
		require.NoError(t, err)
		require.Same(t, errMade, h.sched.Park(sched.Why("for it")))
		return nil
	})
}

// A duration of zero or less is one chance for all that are ready, and no wait.
func TestQueueTimeoutOfZero(t *testing.T) {
	eachBoxWait(t, func(t *testing.T, op string, w boxWait, b box) {
		require.ErrorIs(t, w.wait(b, 3, -1), ErrTimeout)
		switch {
		case op == "get" || op == "select" || op == "peek":
			g := putter(b, 7)
			require.NoError(t, w.wait(b, 3, -1))
			getAll(b)
			require.NoError(t, g.Get())
		case op == "put":
			g := getter(b)
			require.NoError(t, w.wait(b, 3, -1))
			require.NoError(t, g.Join())
		}
		require.Zero(t, GetHub().Stats().Timers)
	})
}
