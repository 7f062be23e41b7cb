package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestASpinnerStarvesNeitherTimersNorEventsNorPosts(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		rounds, seen := 0, map[string]int{}
		for range 2 {
			s.Go("spinner", func() {
				for {
					s.Yield()
					rounds++
					if rounds == 1000 {
						// What has come by now is seen within the next 64 steps, not when nothing is ready.
						s.Poller.Event("readable").Fire()
						s.StartTimer(sched.NewTimer(func() { seen["timer"] = rounds }), 0)
						s.Post(func() { seen["post"] = rounds })
					}
				}
			})
		}
		s.Go("reader", func() {
			require.NoError(t, s.Await("readable"))
			seen["event"] = rounds
		})
		for rounds < 2000 {
			s.Yield()
		}
		require.Len(t, seen, 3)
		for what, round := range seen {
			require.LessOrEqual(t, round, 1000+65, what)
		}
		s.AllowLeftovers()
	})
}

func TestATimerThatArmsItselfAgainAtOnceStarvesNobody(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		fired := 0
		var again sched.Timer
		again.Init(func() {
			s.Tracef("again")
			if fired++; fired < 5 {
				s.StartTimer(&again, -time.Hour) // earlier than all others, and long past
			}
		})
		s.StartTimer(&again, 0)
		s.StartTimer(sched.NewTimer(func() { s.Tracef("timer") }), 0)
		s.Go("task", func() {
			s.Tracef("task")
			s.Yield()
			s.Tracef("task")
		})
		s.Settle()
		require.Equal(t, "task task again timer again again again again", s.TraceString())
	})
}

func TestTwoSelfArmingTimersTakeTurns(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for _, name := range []string{"a", "b"} {
			n := 0
			var timer sched.Timer
			timer.Init(func() {
				s.Tracef("%s", name)
				if n++; n < 3 {
					s.StartTimer(&timer, 0)
				}
			})
			s.StartTimer(&timer, 0)
		}
		s.Settle()
		require.Equal(t, "a b a b a b", s.TraceString())
	})
}

func TestSpendYieldsWhenTheBudgetIsUsedUp(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		other := 0
		task := s.Go("other", func() {
			for {
				other++
				s.Yield()
			}
		})
		for i := 1; i <= 500; i++ {
			s.Spend()
			require.Equal(t, i/128, other, i)
		}
		// Who was away begins anew.
		s.Yield()
		for range 127 {
			s.Spend()
		}
		require.Equal(t, 4, other)
		s.Kill(task)
		s.Settle()
	})
}

func TestSpendOfOneTaskIsNotChargedToTheNext(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.Go("spender", func() {
			for range 127 {
				s.Spend()
			}
		})
		s.Go("new", func() {
			s.Spend()
			s.Tracef("new")
		})
		s.Go("last", func() { s.Tracef("last") })
		s.Settle()
		require.Equal(t, "new last", s.TraceString())
	})
}

// Posts, timers and events come round after each 64 steps, however long the pass is.
func TestALongPassIsInterrupted(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		ran, at := 0, -1
		s.Go("first", func() {
			s.StartTimer(sched.NewTimer(func() { at = ran }), 0)
		})
		for range 1000 {
			s.Go("", func() { ran++ })
		}
		s.Settle()
		require.Equal(t, 1000, ran)
		require.LessOrEqual(t, at, 64)
		require.GreaterOrEqual(t, at, 0)
	})
}
