package sched

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A slowClock is moved by what the tasks do.
type slowClock struct{ now time.Duration }

func (c *slowClock) Now() time.Duration { return c.now }

// lateness returns how late a timer of 10 ms is, again and again, beside a task that computes for so long between two yields:
// the worst after the first.
func lateness(t *testing.T, step time.Duration) (first, worst time.Duration) {
	clock := new(slowClock)
	s := New(Config{Clock: clock})
	s.paced = true
	fired := 0
	timer := new(Timer)
	var due time.Duration
	timer.Init(func() {
		late := clock.now - due
		if fired++; fired == 1 {
			first = late
		} else {
			worst = max(worst, late)
		}
		due = clock.now + 10*time.Millisecond
		s.StartTimer(timer, due)
	})
	require.NoError(t, s.Run(func() {
		due = 10 * time.Millisecond
		s.StartTimer(timer, due)
		for fired < 50 {
			clock.now += step
			s.Yield()
		}
		s.StopTimer(timer)
	}))
	require.NoError(t, s.Close())
	return first, worst
}

func TestSlowStepsDoNotKeepTimersWaiting(t *testing.T) {
	for _, step := range []time.Duration{time.Microsecond, 50 * time.Microsecond, 200 * time.Microsecond, 5 * time.Millisecond, time.Second} {
		first, worst := lateness(t, step)
		require.LessOrEqual(t, first, quantum*step, step)
		require.LessOrEqual(t, worst, step+2*slice, step)
	}
}

// The number of steps grows again when they are fast, and is small after a wait.
func TestPace(t *testing.T) {
	clock := new(slowClock)
	s := New(Config{Clock: clock})
	require.Equal(t, quantum, s.pace())
	s.paced = true
	grants := func(step time.Duration, n int) (all []int) {
		for range n {
			all = append(all, s.pace())
			clock.now += time.Duration(s.grant) * step
			s.quantum = 0
		}
		return all
	}
	require.Equal(t, []int{64, 12, 12, 12}, grants(time.Millisecond/12, 4))
	require.Equal(t, []int{12, 2, 2}, grants(time.Millisecond/2, 3))
	require.Equal(t, []int{2, 4, 8, 16, 32, 64, 64}, grants(time.Microsecond, 7))
	s.quantum = 5 // the queue was empty before
	clock.now += time.Hour
	require.Equal(t, 64, s.pace())
	require.True(t, New(Config{}).paced)
}
