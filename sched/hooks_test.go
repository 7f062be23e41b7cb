package sched_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestAddHooks(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var seen []string
		named := func(name string) *sched.Hooks {
			return &sched.Hooks{Yielded: func(*sched.Task) { seen = append(seen, name) }}
		}
		yield := func() string {
			seen = nil
			s.Yield()
			return strings.Join(seen, " ")
		}
		removeA := s.AddHooks(named("a"))
		require.Equal(t, "a", yield())
		removeB := s.AddHooks(named("b"))
		twice := named("c")
		removeC := s.AddHooks(twice)
		removeAgain := s.AddHooks(twice)
		require.Equal(t, "a b c c", yield())
		removeA()
		removeA()
		removeC()
		require.Equal(t, "b c", yield(), "not in the order of their coming, and once each")
		removeAgain()
		removeB()
		require.Empty(t, yield())
		require.PanicsWithValue(t, "sched: AddHooks of nil", func() { s.AddHooks(nil) })
	})
}

// Hooks that take themselves away at an event leave the others their turn.
func TestHooksThatRemoveThemselves(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		first, second := 0, 0
		var remove func()
		remove = s.AddHooks(&sched.Hooks{Yielded: func(*sched.Task) { first++; remove() }})
		s.AddHooks(&sched.Hooks{Yielded: func(*sched.Task) { second++ }})
		s.Yield()
		s.Yield()
		require.Equal(t, 1, first)
		require.Equal(t, 2, second)
	})
}

// Hooks are told when they come and when they go, once each, alone or in a Tee.
func TestHooksThatComeAndGo(t *testing.T) {
	var seen []string
	told := func(name string) *sched.Hooks {
		return &sched.Hooks{
			Added:   func(s *sched.Scheduler) { seen = append(seen, fmt.Sprintf("+%s %v", name, s.Current() != nil)) },
			Removed: func(s *sched.Scheduler) { seen = append(seen, fmt.Sprintf("-%s %v", name, s.Current() != nil)) },
		}
	}
	s := sched.New(sched.Config{Hooks: told("config")})
	require.NoError(t, s.Run(func() {
		remove := s.AddHooks(sched.Tee(told("a"), nil, told("b")))
		remove()
		remove()
	}))
	require.NoError(t, s.Close())
	require.Equal(t, []string{"+config false", "+a true", "+b true", "-a true", "-b true"}, seen)
}

func TestTimerHooks(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var seen []string
		say := func(format string, args ...any) { seen = append(seen, fmt.Sprintf(format, args...)) }
		timer := sched.NewTimer(func() { say("called") })
		defer s.AddHooks(&sched.Hooks{
			TimerSet: func(tm *sched.Timer, at time.Duration) { require.Same(t, timer, tm); say("set %v", at) },
			TimerGone: func(tm *sched.Timer, at time.Duration, fired bool) {
				require.Same(t, timer, tm)
				say("gone %v %v", at, fired)
			},
			DeadlineMoved: func(task *sched.Task) {
				at, ok := task.Deadline()
				say("%s until %v %v", task.Name(), at, ok)
			},
		})()
		s.StartTimer(timer, time.Second)
		s.StartTimer(timer, 2*time.Second)
		require.Equal(t, []string{"set 1s", "gone 1s false", "set 2s"}, seen)
		seen = nil
		require.True(t, s.StopTimer(timer))
		require.False(t, s.StopTimer(timer))
		require.Equal(t, []string{"gone 2s false"}, seen)

		seen = nil
		waiter := s.Spawn("waiter", func() { _ = s.Park(sched.Why("test")) })
		s.Yield()
		_, limited := waiter.Deadline()
		require.False(t, limited)
		s.SetTimeout(waiter, time.Minute)
		s.SetTimeout(waiter, sched.Never)
		s.SetTimeout(waiter, time.Second)
		require.Equal(t, []string{"waiter until 1m0s true", "waiter until 0s false", "waiter until 1s true"}, seen)

		seen = nil
		s.StartTimer(timer, 3*time.Second)
		require.NoError(t, s.Sleep(4*time.Second))
		require.Equal(t, []string{"set 3s", "gone 3s true", "called"}, seen)
		require.Equal(t, sched.Done, waiter.State())
	})
}

// A timer that one which fires arms for what has passed is told with the time at which it will fire.
func TestTimerHookOfADeadlineThatHasPassed(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var set, gone []time.Duration
		defer s.AddHooks(&sched.Hooks{
			TimerSet:  func(_ *sched.Timer, at time.Duration) { set = append(set, at) },
			TimerGone: func(_ *sched.Timer, at time.Duration, _ bool) { gone = append(gone, at) },
		})()
		second := sched.NewTimer(func() {})
		first := sched.NewTimer(func() { s.StartTimer(second, time.Second) })
		s.StartTimer(first, 2*time.Second)
		require.NoError(t, s.Sleep(3*time.Second))
		require.Equal(t, []time.Duration{2 * time.Second, 2 * time.Second}, set)
		require.Equal(t, set, gone)
	})
}

func TestRunQueueAndTimers(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		require.Empty(t, s.RunQueue())
		a := s.Spawn("a", func() { _ = s.Sleep(time.Second) })
		b := s.Spawn("b", func() { s.Yield(); s.Yield() })
		later := new(sched.Task)
		s.StartLater(later, "later", sched.Func(func() {}), time.Minute)
		require.Equal(t, sched.Delayed, later.State())
		require.Equal(t, []*sched.Task{a, b}, s.RunQueue())
		timer := sched.NewTimer(func() {})
		s.StartTimer(timer, 2*time.Second)
		s.Yield()
		require.Equal(t, []*sched.Task{b}, s.RunQueue())
		require.Equal(t, []sched.Armed{
			{Deadline: time.Second, Task: a},
			{Deadline: 2 * time.Second, Timer: timer},
			{Deadline: time.Minute, Task: later},
		}, s.Timers())
		s.StopTimer(timer)
		s.Kill(later)
		require.NoError(t, a.Join())
		require.NoError(t, b.Join())
	})
}

// A task that is born is seen in the state in which it waits for its turn.
func TestSpawnedSeesTheState(t *testing.T) {
	var states []sched.State
	hooks := &sched.Hooks{Spawned: func(t *sched.Task) { states = append(states, t.State()) }}
	s := sched.New(sched.Config{Hooks: hooks})
	require.NoError(t, s.Run(func() {
		s.Spawn("at once", func() {})
		s.StartLater(new(sched.Task), "later", sched.Func(func() {}), time.Hour)
		defer s.Spawn("as a deferred function of main", func() {})
	}))
	require.NoError(t, s.Close())
	require.Equal(t, []sched.State{sched.Ready, sched.Ready, sched.Delayed, sched.Ready}, states)
}
