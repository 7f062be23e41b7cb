package sched_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestPostponeEndsTheNextWait(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		thrown, later := errors.New("thrown"), errors.New("later")
		worker := s.Go("worker", func() {
			err := s.Park(sched.Why("work"))
			s.Postpone(err)
			s.Tracef("%v", s.Sleep(1))
			s.Throw(s.Current(), later)
			s.Postpone(err) // what came since stays
			s.Tracef("%v", s.Sleep(1))
			s.Tracef("%v", s.Sleep(1))
		})
		s.Settle()
		s.Throw(worker, thrown)
		require.NoError(t, worker.Join())
		require.Equal(t, "thrown later <nil>", s.TraceString())
	})
}

func TestPostponeOfACancelOutlivesItNot(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() {
			err := s.Park(sched.Why("work"))
			s.Postpone(err)
			s.Cancel(s.Current(), nil)
			s.Tracef("%v", s.Sleep(1))
		})
		s.Settle()
		s.Cancel(worker, errCanceled)
		require.NoError(t, worker.Join())
		require.Equal(t, "<nil>", s.TraceString())
	})
}
