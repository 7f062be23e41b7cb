package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestIdleIsLastInTheQueue(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for _, name := range []string{"a", "b"} {
			s.Go(name, func() {
				for range 2 {
					s.Tracef("%s %v", name, s.Idle())
				}
			})
		}
		s.Go("busy", func() {
			for range 3 {
				s.Yield()
			}
			s.Tracef("busy")
		})
		require.NoError(t, s.Sleep(1))
		require.Equal(t, "busy a <nil> b <nil> a <nil> b <nil>", s.TraceString())
	})
}

// A host that steps gets its turns also while somebody does nothing but idle.
func TestIdleUnderAHost(t *testing.T) {
	s := sched.New(sched.Config{})
	turns := 0
	s.Spawn("idler", func() {
		for s.Idle() == nil {
			turns++
		}
	})
	for range 10 {
		s.RunReady(time.Millisecond)
	}
	require.GreaterOrEqual(t, turns, 10)
	require.NoError(t, s.Close())
}

func TestDrain(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		stuck := s.Go("stuck", func() { _ = s.Park(sched.Why("nothing")) })
		s.Go("worker", func() { s.Tracef("%v worked", s.Sleep(5)) })
		s.Go("a", func() { s.Tracef("a %v %v", s.Drain(3), s.Now()) })
		s.Go("b", func() { s.Tracef("b %v %v", s.Drain(sched.Never), s.Now()) })
		require.False(t, s.Drained())
		require.NoError(t, s.Drain(9))
		require.True(t, s.Now() == 5)
		s.Yield()
		require.Equal(t, "a sched: deadline passed 3ns <nil> worked b <nil> 5ns", s.TraceString())
		require.True(t, s.Drained())
		s.Kill(stuck)
		require.ErrorIs(t, stuck.Join(), sched.ErrKilled)
	})
}

func TestTaskByNumber(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		a := s.Go("a", func() {})
		b := s.Go("b", func() { _ = s.Sleep(1) })
		require.Same(t, a, s.Task(a.ID()))
		require.Same(t, s.Current(), s.Task(s.Current().ID()))
		require.NoError(t, a.Join())
		require.Nil(t, s.Task(a.ID()), "done")
		require.Same(t, b, s.Task(b.ID()))
		require.Nil(t, s.Task(99))
		require.Nil(t, s.Task(0))
		require.NoError(t, b.Join())
	})
}

func TestCanceled(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		me := s.Current()
		require.NoError(t, me.Canceled())
		s.Cancel(me, errCanceled)
		require.Same(t, errCanceled, me.Canceled())
		s.Cancel(me, nil)
		require.NoError(t, me.Canceled())
	})
}

// An ebbing is time, and a poller that awaits an event until it has been asked for that n times; then there is none any
// more, and it wakes the loop if that sleeps, as somebody does who gives up the last hold.
type ebbing struct {
	s     *sched.Scheduler
	now   time.Duration
	n     int
	woken bool
}

func (e *ebbing) Now() time.Duration { return e.now }

func (e *ebbing) Waiting() int {
	if e.n <= 0 {
		return 0
	}
	e.n--
	if _, asleep := e.s.Pulse(); e.n == 0 && asleep {
		e.Wake()
	}
	return 1
}

func (e *ebbing) Wake() { e.woken = true }

func (e *ebbing) Poll(timeout time.Duration) error {
	switch {
	case timeout == 0:
	case e.n > 0:
		e.n = 0 // then it is now that it goes
	case !e.woken:
		e.now += timeout
	}
	e.woken = false
	return nil
}

// The last hope may go at any moment, also after Drain has looked for it and before the loop sleeps until Drain's deadline.
func TestDrainSleepsThroughNothing(t *testing.T) {
	for n := range 10 {
		e := &ebbing{n: n}
		e.s = sched.New(sched.Config{Clock: e, Poller: e})
		require.NoError(t, e.s.Run(func() { require.NoError(t, e.s.Drain(time.Hour), n) }))
		require.NoError(t, e.s.Close())
	}
}
