package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// spinning runs body in a task of a scheduler on the system's clock.
func spinning(t *testing.T, body func(s *sched.Scheduler)) {
	t.Helper()
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() { body(s) }))
	require.NoError(t, s.Close())
}

// long is longer than a Spin goes on without a look at events.
const long = time.Hour

func TestSpinUntilItIsTrue(t *testing.T) {
	spinning(t, func(s *sched.Scheduler) {
		tries := 0
		require.True(t, s.Spin(long, func() bool { tries++; return tries == 3 }))
		require.Equal(t, 3, tries)
		require.False(t, s.Spin(0, func() bool { return true }))
		require.False(t, s.Spin(time.Microsecond, func() bool { return false }))
	})
}

func TestSpinHoldsUpNobody(t *testing.T) {
	cases := map[string]func(s *sched.Scheduler){
		"events that nobody has looked at": func(*sched.Scheduler) {},
		"a ready task":                     func(s *sched.Scheduler) { s.Spawn("other", func() {}) },
		"a post":                           func(s *sched.Scheduler) { s.Post(func() {}) },
		"somebody in Idle": func(s *sched.Scheduler) {
			s.Spawn("idler", func() { _ = s.Idle() })
			s.Yield()
		},
	}
	for name, before := range cases {
		t.Run(name, func(t *testing.T) {
			spinning(t, func(s *sched.Scheduler) {
				before(s)
				require.False(t, s.Spin(long, func() bool { return false }))
			})
			spinning(t, func(s *sched.Scheduler) {
				require.False(t, s.Spin(long, func() bool { before(s); return false }))
			})
		})
	}
	spinning(t, func(s *sched.Scheduler) { // a deadline that is due
		s.Spawn("sleeper", func() { _ = s.Sleep(time.Microsecond) })
		s.Yield()
		for s.Spin(long, func() bool { return true }) {
		}
	})
}

// On another clock, in an order of one's own, and under a host's steps there is no time to spend.
func TestSpinOnlyInRealTime(t *testing.T) {
	never := func() bool { t.Error("tried"); return true }
	schedtest.Run(t, func(s *schedtest.Sim) { require.False(t, s.Spin(long, never)) })
	ordered := sched.New(sched.Config{Seed: 1})
	require.NoError(t, ordered.Run(func() { require.False(t, ordered.Spin(long, never)) }))
	require.NoError(t, ordered.Close())
	stepped := sched.New(sched.Config{})
	stepped.Spawn("task", func() { require.False(t, stepped.Spin(long, never)) })
	stepped.RunReady(time.Second)
	require.Panics(t, func() { stepped.Spin(long, never) })
	require.NoError(t, stepped.Close())
}
