package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// boxEnds are the ways to end a wait early. Those who are to time out wait a second, the others without limit.
var boxEnds = map[string]func(t *testing.T, g *Result[int]){
	"kill": func(t *testing.T, g *Result[int]) {
		require.NoError(t, g.Kill())
		require.ErrorIs(t, g.Err(), ErrExit)
	},
	"thrown error": func(t *testing.T, g *Result[int]) {
		throw(&g.Greenlet, errMade)
		require.NoError(t, g.Join())
		require.Same(t, errMade, g.Err())
	},
	"cancel": func(t *testing.T, g *Result[int]) {
		g.hub.sched.Cancel(&g.task, errMade)
		require.NoError(t, g.Join())
		require.Same(t, errMade, g.Err())
	},
	"timeout": func(t *testing.T, g *Result[int]) {
		require.NoError(t, g.Join())
		require.ErrorIs(t, g.Err(), ErrTimeout)
	},
}

// A wait that ended early takes nothing, puts nothing and leaves nobody behind: the next in line is served as if it had
// never been.
func TestQueueWaitThatEnded(t *testing.T) {
	for end, endWait := range boxEnds {
		t.Run(end, func(t *testing.T) {
			eachBoxWait(t, func(t *testing.T, _ string, w boxWait, b box) {
				d := time.Duration(0)
				if end == "timeout" {
					d = time.Second
				}
				wait := func(v int, d time.Duration) *Result[int] {
					return Go(func() (int, error) { return v, w.wait(b, v, d) })
				}
				first, second, third := wait(1, d), wait(2, d), wait(3, 0)
				parked(t, &first.Greenlet, &second.Greenlet, &third.Greenlet)
				endWait(t, second)
				endWait(t, first)
				require.False(t, third.Ready())
				w.serve(t, b, third)
			})
		})
	}
}

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

// What somebody else's Ready ends, goes on waiting.
func TestQueueStrayReady(t *testing.T) {
	eachBoxWait(t, func(t *testing.T, op string, w boxWait, b box) {
		g := Go(func() (int, error) { return 0, w.wait(b, 3, 0) })
		parked(t, &g.Greenlet)
		require.True(t, g.hub.sched.Ready(&g.task))
		parked(t, &g.Greenlet)
		require.True(t, g.hub.sched.Ready(&g.task))
		if op == "put" {
			parked(t, &g.Greenlet) // before that it could only find room, and put 3 after all was taken
		}
		w.serve(t, b, g)
	})
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
