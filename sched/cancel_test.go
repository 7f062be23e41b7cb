package sched_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

var errCanceled = errors.New("canceled")

func TestCancelEndsThisWaitAndEachLaterOne(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() {
			for range 3 {
				s.Tracef("%v", s.Park(sched.Why("work")))
			}
			s.Yield() // does not wait: allowed
			s.Tracef("%v", s.Sleep(1))
			s.Cancel(s.Current(), nil)
			s.Tracef("%v at %v", s.Sleep(1), s.Now())
		})
		s.Settle()
		s.Cancel(worker, errCanceled)
		require.Equal(t, sched.Ready, worker.State())
		require.NoError(t, worker.Join())
		require.Equal(t, "canceled canceled canceled canceled <nil> at 1ns", s.TraceString())
	})
}

func TestCancelBeforeTheFirstWaitAndAfterTheEnd(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() { s.Tracef("%v", s.Park(sched.Why("work"))) })
		s.Cancel(worker, errCanceled)
		require.NoError(t, worker.Join())
		s.Cancel(worker, errCanceled)
		s.Cancel(worker, nil)
		require.Equal(t, "canceled", s.TraceString())
	})
}

func TestThrowComesBeforeCancelAndKillGoesThrough(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() {
			s.Yield()
			s.Tracef("%v", s.Park(sched.Why("work")))
			s.Tracef("%v", s.Park(sched.Why("work")))
			s.Kill(s.Current())
		})
		s.Yield()
		s.Cancel(worker, errCanceled)
		s.Throw(worker, errors.New("thrown"))
		require.ErrorIs(t, worker.Join(), sched.ErrKilled)
		require.Equal(t, "thrown canceled", s.TraceString())
	})
}

func TestCancelKeepsAnOutcomeThatWasThereFirst(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() {
			s.Tracef("%v", s.Park(sched.Why("work")))
			s.Tracef("%v", s.Park(sched.Why("work")))
		})
		s.Settle()
		s.Ready(worker)
		s.Cancel(worker, errCanceled)
		require.NoError(t, worker.Join())
		require.Equal(t, "<nil> canceled", s.TraceString())
	})
}

func TestRetract(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		me := s.Current()
		thrown := errors.New("thrown")
		require.False(t, s.Retract(me, thrown))
		s.Throw(me, thrown)
		require.False(t, s.Retract(me, errors.New("thrown")), "another one")
		require.True(t, s.Retract(me, thrown))
		require.False(t, s.Retract(me, thrown))
		require.NoError(t, s.Sleep(1))
	})
}

func TestOnDone(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() { s.Tracef("body") })
		worker.OnDone(func() {
			s.Tracef("first %v", worker.State())
			s.Go("follower", func() { s.Tracef("follower") })
		})
		worker.OnDone(func() { s.Tracef("second") })
		s.Go("joiner", func() {
			_ = worker.Join()
			s.Tracef("joined")
		})
		s.Settle()
		worker.OnDone(func() { s.Tracef("late") })
		killed := s.Go("killed", func() {})
		killed.OnDone(func() { s.Tracef("killed") })
		s.Kill(killed)
		require.Equal(t, "body first done second joined follower late killed", s.TraceString())
	})
}

// A task that kills another one before its start, and is killed for that by what is told of it, lets all be told first.
func TestOnDoneKillsTheCurrentTask(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var victim *sched.Task
		killer := s.Go("killer", func() {
			defer s.Tracef("ended")
			s.Kill(victim)
			s.Tracef("on")
			s.Yield()
			s.Tracef("never")
		})
		victim = s.Go("victim", func() { s.Tracef("never") })
		victim.OnDone(func() { s.Kill(killer); s.Tracef("first") })
		victim.OnDone(func() { s.Tracef("second") })
		require.Equal(t, sched.ErrKilled, killer.Join())
		require.Equal(t, "first second on ended", s.TraceString())
	})
}

func TestAttached(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		me := s.Current()
		require.Nil(t, me.Attached())
		me.Attach(1)
		require.Equal(t, 1, me.Attached())
		worker := s.Go("worker", func() {})
		worker.Attach(2)
		require.NoError(t, worker.Join())
		require.Nil(t, worker.Attached())
	})
}

func TestThrown(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		me := s.Current()
		require.NoError(t, me.Thrown())
		s.Throw(me, errCanceled)
		require.Equal(t, errCanceled, me.Thrown())
		require.Equal(t, errCanceled, s.Sleep(1))
		require.NoError(t, me.Thrown())
		waiting := s.Go("waiting", func() { s.Tracef("%v", s.Park(sched.Why("work"))) })
		s.Settle()
		s.Throw(waiting, errCanceled)
		require.NoError(t, waiting.Thrown(), "its wait has it")
		require.NoError(t, waiting.Join())
	})
}

// It is told at the kill, before any deferred function, and of each that has an effect.
func TestOnKill(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		watch := func(t *sched.Task) {
			t.OnKill(func() { s.Tracef("%s %v", t.Name(), t.State()) })
		}
		parked := s.Go("parked", func() {
			defer func() {
				s.Tracef("deferred %v", s.Current().Killed())
				_ = s.Sleep(1)
			}()
			_ = s.Park(sched.Why("work"))
		})
		watch(parked)
		s.Settle()
		require.False(t, parked.Killed())
		s.Kill(parked)
		require.True(t, parked.Killed())
		s.Yield()
		s.Kill(parked)
		require.ErrorIs(t, parked.Join(), sched.ErrKilled)
		s.Kill(parked)
		unstarted := s.Go("unstarted", func() {})
		watch(unstarted)
		s.Kill(unstarted)
		suicide := s.Go("suicide", func() {
			defer func() { s.Tracef("deferred") }()
			s.Kill(s.Current())
		})
		watch(suicide)
		require.ErrorIs(t, suicide.Join(), sched.ErrKilled)
		require.Equal(t, "parked parked deferred true parked parked unstarted ready suicide running deferred", s.TraceString())
	})
}

// A canceled task that ignores it and waits again without end starves nobody, and can be killed.
func TestIgnoredCancelStarvesNobody(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() {
			for {
				_ = s.Park(sched.Why("work"))
			}
		})
		s.Cancel(worker, errCanceled)
		for range 3 {
			s.Yield()
		}
		s.Kill(worker)
		require.ErrorIs(t, worker.Join(), sched.ErrKilled)
	})
}
