package gevent

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// A greenlet that waits may still be woken from outside, which is no deadlock; when it does not wait any more, one is one.
func TestSharedWaitHoldsTheHub(t *testing.T) {
	for kind := range sharedWaits() {
		t.Run(kind, func(t *testing.T) {
			defer noGoroutines(t)
			w := sharedWaits()[kind]
			waiting := make(chan *Hub, 1)
			go func() {
				h := <-waiting
				h.Post(func() { go w.bring() })
			}()
			var deadlock *DeadlockError
			err := Run(func() error {
				waiting <- GetHub()
				require.NoError(t, w.wait())
				return GetHub().sched.Park(why)
			})
			require.ErrorAs(t, err, &deadlock)
		})
	}
}

// The hub ends while greenlets of it and others wait: its own are killed, which leaves nothing behind, the others stay.
func TestSharedWaitersOfHubThatEnds(t *testing.T) {
	defer noGoroutines(t)
	q := NewSharedQueue[int](0)
	got := make(chan int)
	require.NoError(t, Run(func() error {
		for range 3 {
			parked(t, Spawn(func() error { _, err := q.Get(); return err }))
		}
		go func() { v, _ := q.Get(); got <- v }()
		parked(t, Spawn(func() error { _, err := q.Get(); return err }))
		return nil
	}))
	require.NoError(t, q.Put(42))
	require.Equal(t, 42, <-got)
	require.Zero(t, q.Len())
	require.Nil(t, q.getters.first)
}

// A greenlet is killed after it was woken, before the wake-up has come to its hub: what woke it goes to the next.
func TestSharedWakeUpOfTheDeadGoesOn(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				q := NewSharedQueue[int](0)
				var l log
				var gs []*Greenlet
				for i := range 3 {
					gs = append(gs, Spawn(func() error {
						v, err := q.Get()
						if err == nil {
							l.add(fmt.Sprint(i, ":", v))
						}
						return nil
					}))
				}
				parked(t, gs...)
				require.NoError(t, q.Put(1)) // wakes the first two, by a post that this thread has not run yet
				require.NoError(t, q.Put(2))
				require.Equal(t, sched.Parked, gs[0].task.State())
				end(t, gs[0])
				require.NoError(t, JoinAll(gs...))
				require.ElementsMatch(t, log{"1:1", "2:2"}, l)
				require.Zero(t, q.Len())
				return nil
			})
		})
	}
}

// waitFor is the least that one needs of Wait to see that a primitive is a Waitable.
func waitFor(t *testing.T, w Waitable) error {
	h := GetHub()
	told := false
	ticket := h.sched.Ticket()
	o := &observer{notify: func() { told = true; ticket.Ready() }}
	w.observe(o)
	defer w.ignore(o)
	for !told {
		ticket = h.sched.Ticket()
		if err := h.sched.Park(why); err != nil {
			return err
		}
	}
	return nil
}

func TestSharedWaitable(t *testing.T) {
	event, result := new(SharedEvent), new(SharedResult[int])
	for name, w := range map[string]struct {
		Waitable
		bring func()
	}{"event": {event, event.Set}, "result": {result, func() { result.Set(1) }}} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				g := Spawn(func() error { return waitFor(t, w) })
				parked(t, g)
				require.NoError(t, g.Kill())
				g = Spawn(func() error { return waitFor(t, w) })
				parked(t, g)
				require.False(t, w.Ready())
				inGoroutine(t, w.bring)
				require.NoError(t, g.Get())
				require.True(t, w.Ready())
				require.NoError(t, waitFor(t, w))
				require.Zero(t, GetHub().arrivals.expected)
				return nil
			})
		})
	}
}

// Many wake-ups from outside need few posts.
func TestArrivalsAreCoalesced(t *testing.T) {
	run(t, func() error {
		e := new(SharedEvent)
		for range 100 {
			Spawn(e.Wait)
		}
		Yield()
		before := GetHub().Stats().Posts
		e.Set()
		for GetHub().Stats().Live > 1 {
			Yield()
		}
		require.EqualValues(t, 1, GetHub().Stats().Posts-before)
		return nil
	})
}
