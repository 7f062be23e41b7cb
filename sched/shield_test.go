package sched_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestShieldKeepsThrowAndCancelForTheNextWait(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() {
			require.False(t, s.Shield(true))
			s.Tracef("%v", s.Park(sched.Why("order")))
			require.True(t, s.Shield(true), "nested")
			s.Tracef("%v", s.Park(sched.Why("order")))
			require.True(t, s.Shield(false))
			s.Tracef("%v", s.Park(sched.Why("work")))
			s.Tracef("%v", s.Park(sched.Why("work")))
		})
		s.Settle()
		s.Throw(worker, errors.New("thrown"))
		s.Cancel(worker, errCanceled)
		require.Equal(t, sched.Parked, worker.State(), "nothing comes through")
		s.Ready(worker)
		s.Settle()
		require.Equal(t, sched.Parked, worker.State(), "nor at the next")
		s.Ready(worker)
		require.NoError(t, worker.Join())
		require.Equal(t, "<nil> <nil> thrown canceled", s.TraceString())
	})
}

func TestKillGoesThroughShield(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() {
			s.Shield(true)
			_ = s.Park(sched.Why("order"))
			t.Error("goes on")
		})
		s.Settle()
		s.Kill(worker)
		require.ErrorIs(t, worker.Join(), sched.ErrKilled)
	})
}
