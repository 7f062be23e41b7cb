package sched_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// hosted returns a scheduler on a clock that the test moves, for RunReady.
func hosted(t *testing.T, c sched.Config) (*sched.Scheduler, *schedtest.Clock) {
	clock := new(schedtest.Clock)
	c.Clock = clock
	s := sched.New(c)
	t.Cleanup(func() { _ = s.Close() })
	return s, clock
}

func TestRunReadyRunsWhatIsReadyAndReturns(t *testing.T) {
	s, clock := hosted(t, sched.Config{})
	var trace []string
	s.Spawn("sleeper", func() {
		for range 2 {
			trace = append(trace, "sleep")
			_ = s.Sleep(time.Second)
		}
		trace = append(trace, "end")
	})
	require.False(t, s.RunReady(time.Hour))
	require.Equal(t, []string{"sleep"}, trace)
	wait, ok := s.NextDeadline()
	require.True(t, ok)
	require.Equal(t, time.Second, wait)
	require.False(t, s.RunReady(time.Hour), "nothing to do")
	clock.Set(400 * time.Millisecond)
	wait, _ = s.NextDeadline()
	require.Equal(t, 600*time.Millisecond, wait)
	clock.Set(1500 * time.Millisecond)
	wait, _ = s.NextDeadline()
	require.Zero(t, wait)
	require.False(t, s.RunReady(time.Hour))
	require.Len(t, trace, 2)
	clock.Set(time.Minute)
	require.False(t, s.RunReady(0))
	require.Equal(t, []string{"sleep", "sleep", "end"}, trace)
	_, ok = s.NextDeadline()
	require.False(t, ok)
	s.Post(func() {})
	wait, ok = s.NextDeadline()
	require.True(t, ok)
	require.Zero(t, wait)
}

func TestRunReadyKeepsToItsBudget(t *testing.T) {
	s, clock := hosted(t, sched.Config{})
	steps := 0
	for range 10 {
		s.Spawn("", func() {
			steps++
			clock.Set(clock.Now() + time.Millisecond) // what the step takes
		})
	}
	require.True(t, s.RunReady(2*time.Millisecond))
	require.Equal(t, 2, steps)
	wait, ok := s.NextDeadline()
	require.True(t, ok)
	require.Zero(t, wait)
	require.True(t, s.RunReady(0), "one step in any case")
	require.Equal(t, 3, steps)
	require.True(t, s.RunReady(-time.Hour))
	require.Equal(t, 4, steps)
	require.False(t, s.RunReady(1<<63-1))
	require.Equal(t, 10, steps)
}

func TestRunReadyWithASpinner(t *testing.T) {
	s := sched.New(sched.Config{}) // real time
	defer s.Close()
	rounds := 0
	s.Spawn("spinner", func() {
		for {
			rounds++
			s.Yield()
		}
	})
	require.True(t, s.RunReady(time.Millisecond))
	require.Positive(t, rounds)
}

func TestTheHostIsToldOfPosts(t *testing.T) {
	told := make(chan struct{}, 100)
	s, _ := hosted(t, sched.Config{Wakeup: func() { told <- struct{}{} }})
	ran := 0
	require.False(t, s.RunReady(0))
	var foreign sync.WaitGroup
	for range 3 {
		foreign.Go(func() { s.Post(func() { ran++ }) })
	}
	foreign.Wait()
	require.Len(t, told, 1, "once for all that come before the host looks")
	require.False(t, s.RunReady(time.Hour))
	require.Equal(t, 3, ran)
	s.Post(func() {})
	require.Len(t, told, 2)
}

func TestRunReadyLooksAtThePoller(t *testing.T) {
	clock := new(schedtest.Clock)
	poller := schedtest.NewPoller(clock)
	s := sched.New(sched.Config{Clock: clock, Poller: poller})
	defer s.Close()
	ran := false
	s.Spawn("", func() {
		require.NoError(t, poller.Event("readable").Await(s))
		ran = true
	})
	s.RunReady(time.Second)
	require.False(t, ran)
	poller.Event("readable").Fire()
	s.RunReady(time.Second)
	require.True(t, ran)
}

func TestRunReadyIsNoDeadlock(t *testing.T) {
	s, _ := hosted(t, sched.Config{})
	task := s.Spawn("", func() { _ = s.Park(sched.Why("the host")) })
	require.False(t, s.RunReady(time.Second))
	require.True(t, s.Ready(task), "the host may call what a task may, save for waiting")
	require.False(t, s.RunReady(time.Second))
	require.Equal(t, sched.Done, task.State())
}

func TestRunOnASchedulerThatAHostDrives(t *testing.T) {
	s, _ := hosted(t, sched.Config{})
	left := s.Spawn("", func() { _ = s.Park(sched.Why("nothing")) })
	s.RunReady(time.Second)
	require.NoError(t, s.Run(func() {}))
	require.Equal(t, sched.ErrKilled, left.Err())
	require.True(t, s.Here(), "it stays bound until Close")
	require.NoError(t, s.Close())
	require.False(t, s.Here())
}

func TestHostsOfTheirOwnOnSeveralThreads(t *testing.T) {
	const hosts, rounds = 6, 50
	var all [hosts]*sched.Scheduler
	var received [hosts]atomic.Int64
	for i := range all {
		all[i] = sched.New(sched.Config{})
	}
	var done sync.WaitGroup
	for i, s := range all {
		done.Go(func() {
			defer s.Close()
			ticks := 0
			s.Spawn("ticker", func() {
				for ; ticks < rounds; ticks++ {
					all[(i+1)%hosts].Post(func() { received[(i+1)%hosts].Add(1) })
					_ = s.Sleep(time.Microsecond)
				}
			})
			for ticks < rounds || received[i].Load() < rounds {
				s.RunReady(time.Millisecond)
				if sched.Current() != s || !s.Here() || all[(i+1)%hosts].Here() {
					t.Error("each host has its own")
					return
				}
				runtime.Gosched()
			}
		})
	}
	done.Wait()
}

func TestSchedulersInTurnOnOneThread(t *testing.T) {
	for range 3 {
		s, _ := hosted(t, sched.Config{})
		require.False(t, s.RunReady(0))
		require.Equal(t, s, sched.Current())
		require.NoError(t, s.Close())
		require.Nil(t, sched.Current())
	}
}
