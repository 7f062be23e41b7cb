package sched

import (
	"slices"
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

// A ticker whose short steps come between long ones is late by one of these.
func TestShortStepsBetweenLongOnes(t *testing.T) {
	clock := new(slowClock)
	s := New(Config{Clock: clock})
	s.paced = true
	var late []time.Duration
	require.NoError(t, s.Run(func() {
		ticker := s.Spawn("ticker", func() {
			for range 30 {
				due := clock.now + 10*time.Millisecond
				_ = s.Sleep(10 * time.Millisecond)
				late = append(late, clock.now-due)
			}
		})
		for ticker.State() != Done {
			clock.now += 50 * time.Millisecond
			s.Yield()
		}
	}))
	require.LessOrEqual(t, slices.Max(late[2:]), 90*time.Millisecond, late)
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
	all := grants(time.Microsecond, 200)
	require.Equal(t, []int{2, 4, 8, 16, 32, 64}, slices.Compact(slices.Clone(all)))
	require.Equal(t, 32, slices.Index(all, 4), "not before 64 steps have been fast")
	s.quantum = 5 // the queue was empty before
	clock.now += time.Hour
	require.Equal(t, 64, s.pace())
	require.True(t, New(Config{}).paced)
}

// A clockedPoller tells how long events had to wait for a look.
type clockedPoller struct {
	clock *slowClock
	last  time.Duration
	worst time.Duration
}

func (p *clockedPoller) Poll(time.Duration) error {
	p.worst, p.last = max(p.worst, p.clock.now-p.last), p.clock.now
	return nil
}
func (*clockedPoller) Wake()        {}
func (*clockedPoller) Waiting() int { return 1 }

// Events do not wait for long either, whatever a step takes: also if the steps granted take about a millisecond.
func TestSlowStepsDoNotKeepEventsWaiting(t *testing.T) {
	for step := time.Microsecond; step < time.Second; step += step/8 + 1 {
		clock := new(slowClock)
		p := &clockedPoller{clock: clock}
		s := New(Config{Clock: clock, Poller: p})
		s.paced = true
		turn := func() { clock.now += step; s.Yield() }
		require.NoError(t, s.Run(func() {
			for range 4 * quantum {
				turn()
			}
			p.last, p.worst = clock.now, 0
			for range 8 * quantum {
				turn()
			}
		}))
		require.NoError(t, s.Close())
		require.LessOrEqual(t, p.worst, 2*step+3*slice, step)
	}
}
