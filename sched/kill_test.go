package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestRecoverCannotSwallowAKill(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		task := s.Go("", func() {
			for {
				func() {
					defer func() { s.Tracef("%v", recover()) }()
					_ = s.Park(sched.Why("for ever"))
				}()
				s.Tracef("goes on")
			}
		})
		s.Settle()
		s.Kill(task)
		require.Equal(t, sched.ErrKilled, task.Join())
		require.Equal(t, "<nil>", s.TraceString())
	})
}

func TestDeferredFunctionsOfAKilledTaskMayWait(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		task := s.Go("", func() {
			defer s.Tracef("outer")
			defer func() {
				require.NoError(t, s.Sleep(time.Second))
				helper := s.Go("helper", func() { _ = s.Sleep(time.Second) })
				require.NoError(t, helper.Join())
				s.Yield()
				s.Tracef("inner@%v", s.Now())
			}()
			_ = s.Sleep(time.Hour)
		})
		s.Settle()
		s.Kill(task)
		require.Equal(t, sched.ErrKilled, task.Join())
		require.Equal(t, "inner@2s outer", s.TraceString())
	})
}

func TestAPanicInADeferredFunctionOfAKilledTask(t *testing.T) {
	var reported []any
	onPanic := func(_ *sched.Task, p *sched.PanicError) { reported = append(reported, p.Value) }
	schedtest.RunConfig(t, schedtest.Config{OnPanic: onPanic}, func(s *schedtest.Sim) {
		task := s.Go("", func() {
			defer s.Tracef("outer")
			defer func() { panic("oops") }()
			_ = s.Sleep(time.Hour)
		})
		s.Settle()
		s.Kill(task)
		require.EqualError(t, task.Join(), "panic: oops")
		require.Equal(t, "outer", s.TraceString())
		require.Equal(t, []any{"oops"}, reported)
	})
}

func TestKillInTheMiddleOfAnotherTasksCall(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var q sched.WaitQueue
		var other *sched.Task
		s.Go("killer", func() {
			require.NoError(t, q.Wait(s.Scheduler, sched.Why("go")))
			s.Kill(other) // which was woken before, and is ready
		})
		other = s.Go("other", func() {
			defer s.Tracef("ended")
			require.NoError(t, q.Wait(s.Scheduler, sched.Why("go")))
			s.Tracef("has it") // the wake-up that it took is not lost
			s.Yield()
			s.Tracef("not here")
		})
		s.Settle()
		q.WakeAll()
		s.Settle()
		require.Equal(t, "has it ended", s.TraceString())
	})
}

func TestKillOfASpinner(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		rounds := 0
		task := s.Go("", func() {
			for {
				rounds++
				s.Yield()
			}
		})
		s.Yield()
		s.Yield()
		require.Equal(t, 2, rounds)
		s.Kill(task)
		require.Equal(t, sched.ErrKilled, task.Join())
		require.Equal(t, 2, rounds, "it ends in the Yield that it is in")
	})
}

func TestKillOfAPollingLoop(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		rounds := 0
		task := s.Go("", func() {
			for {
				rounds++
				_ = s.ParkUntil(sched.Why("nothing"), s.Now()) // its deadline has passed: it never parks
				s.Spend()
			}
		})
		s.Yield()
		require.Equal(t, 128, rounds)
		s.Kill(task)
		s.Settle()
		require.Equal(t, 128, rounds)
	})
}

func TestOneselfKilledInADeferredFunction(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		task := s.Go("", func() {
			defer s.Tracef("last")
			defer func() {
				s.Kill(s.Current())
				s.Tracef("not here")
			}()
			s.Kill(s.Current())
		})
		require.Equal(t, sched.ErrKilled, task.Join())
		require.Equal(t, "last", s.TraceString())
	})
}

func TestJoinIsEndedByThrowAndKillWhileTheJoinedGoesOn(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() { _ = s.Sleep(time.Second) })
		thrown := s.Go("", func() { s.Tracef("%v", worker.Join()) })
		killed := s.Go("", func() { s.Tracef("%v", worker.Join()) })
		s.Settle()
		s.Throw(thrown, errThrown)
		s.Kill(killed)
		s.Settle()
		require.Equal(t, "thrown", s.TakeTrace())
		require.Equal(t, sched.Parked, worker.State())
		require.NoError(t, worker.Join())
	})
}

func TestThrowAtASleeperIsToldWhateverItWraps(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for _, err := range []error{sched.ErrTimeout, &wrapped{sched.ErrTimeout}} {
			task := s.Go("", func() { require.Equal(t, err, s.Sleep(time.Second)) })
			s.Settle()
			s.Throw(task, err)
			s.Settle()
			require.Equal(t, sched.Done, task.State())
		}
	})
}

type wrapped struct{ error }

func (w *wrapped) Unwrap() error { return w.error }

func TestOneWaitEndsOnce(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var q sched.WaitQueue
		task := s.Go("", func() {
			s.Tracef("%v", short(q.WaitUntil(s.Scheduler, sched.Why("first"), 2*time.Second)))
			s.Tracef("%v", short(q.WaitUntil(s.Scheduler, sched.Why("second"), 10*time.Second)))
			s.Tracef("%v@%v", short(q.WaitUntil(s.Scheduler, sched.Why("third"), 20*time.Second)), s.Now())
		})
		require.Equal(t, sched.ErrTimeout, s.ParkUntil(sched.Why("main"), time.Second))
		require.Equal(t, sched.Parked, task.State())
		require.Same(t, task, q.Wake())   // of the first wait
		require.False(t, s.Ready(task))   // it is over
		s.SetTimeout(task, 0)             // so it has no deadline to move
		require.Zero(t, s.Stats().Timers) // and none is left
		s.Settle()                        // in the second wait by now
		s.Throw(task, errThrown)          // ends it
		require.Nil(t, q.Wake())          // nobody there
		s.Advance(20 * time.Second)       // the second's deadline must not end the third
		require.Equal(t, "ok thrown timeout@20s", s.TraceString())
	})
}

func TestTicketsOfOtherWaitsAreStale(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var tickets []sched.Ticket
		task := s.Go("", func() {
			take := func() { tickets = append(tickets, s.Ticket()) }
			take()
			s.Tracef("%s", short(s.Park(sched.Why("0"))))
			take()
			s.Tracef("%s", short(s.ParkUntil(sched.Why("1: ends before it begins"), s.Now())))
			take()
			s.Throw(s.Current(), errThrown)
			s.Tracef("%s", short(s.Park(sched.Why("2: likewise"))))
			take()
			s.Tracef("%s", short(s.Park(sched.Why("3"))))
			defer func() {
				take()
				s.Tracef("%s", short(s.Park(sched.Why("5"))))
			}()
			take()
			_ = s.Park(sched.Why("4: is killed"))
		})
		s.Settle()
		require.True(t, tickets[0].Ready())
		require.False(t, tickets[0].Ready())
		s.Settle()
		require.Equal(t, "ok timeout thrown", s.TakeTrace())
		for _, stale := range tickets[:3] {
			require.False(t, stale.Ready())
		}
		require.True(t, tickets[3].Ready())
		s.Settle()
		s.Kill(task)
		s.Settle()
		require.Len(t, tickets, 6)
		for _, stale := range tickets[:5] {
			require.False(t, stale.Ready())
		}
		require.True(t, tickets[5].Ready())
		s.Settle()
		require.Equal(t, "ok ok", s.TraceString())
		require.False(t, tickets[5].Ready())
	})
}

func TestTicketsOfWaitsThatEndedBeforeTheyBegan(t *testing.T) {
	for name, first := range map[string]func(s *schedtest.Sim) error{
		"deadline": func(s *schedtest.Sim) error { return s.ParkUntil(sched.Why("first"), s.Now()) },
		"queue": func(s *schedtest.Sim) error {
			return new(sched.WaitQueue).WaitUntil(s.Scheduler, sched.Why("first"), 0)
		},
		"throw": func(s *schedtest.Sim) error {
			s.Throw(s.Current(), errThrown)
			return s.Park(sched.Why("first"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			schedtest.Run(t, func(s *schedtest.Sim) {
				k := s.Ticket()
				require.Error(t, first(s))
				s.StartTimer(sched.NewTimer(func() { s.Tracef("%v", k.Ready()) }), time.Second)
				require.Equal(t, sched.ErrTimeout, s.ParkUntil(sched.Why("second"), time.Minute))
				require.Equal(t, "false", s.TraceString())
			})
		})
	}
}

func TestAJoinIsNotEndedByAStrayReady(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() { _ = s.Sleep(time.Second) })
		joiner := s.Go("joiner", func() {
			require.NoError(t, worker.Join())
			s.Tracef("%v@%v", worker.State(), s.Now())
		})
		s.Settle()
		require.True(t, s.Ready(joiner))
		s.Advance(time.Second)
		require.Equal(t, "done@1s", s.TraceString())
	})
}

func TestTicketOfAWaitThatAKillEndedBeforeItBegan(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var k sched.Ticket
		task := s.Go("", func() {
			defer func() {
				s.Tracef("%s", short(s.ParkUntil(sched.Why("deferred"), s.After(time.Second))))
			}()
			_ = s.Park(sched.Why("zeroth"))
			k = s.Ticket()
			_ = s.Park(sched.Why("first"))
		})
		s.Settle()
		s.Ready(task)
		s.Kill(task)
		s.Settle()
		require.Equal(t, "deferred", task.Why().String())
		require.False(t, k.Ready())
		s.Advance(time.Second)
		require.Equal(t, "timeout", s.TraceString())
	})
}
