package sched_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// A panic of a hook at a switch, whose report ends in a Goexit, does not lose the task that was to run.
func TestSwitchedPanicsAndTheHandlerCallsGoexit(t *testing.T) {
	once := true
	hooks := &sched.Hooks{Switched: func(from, _ *sched.Task) {
		if once && from.Name() == "trap" {
			once = false
			panic("hook")
		}
	}}
	cleaned := 0
	require.Equal(t, "Goexit", inGoroutine(func() {
		s := sched.New(sched.Config{Hooks: hooks, OnPanic: func(*sched.Task, *sched.PanicError) { runtime.Goexit() }})
		defer func() {
			if s.Stats().Live != 0 {
				t.Error("a task is left: ", s.Dump())
			}
		}()
		_ = s.Run(func() {
			s.Spawn("on the way", func() {
				defer func() { cleaned++ }()
				s.Yield()
				_ = s.Sleep(time.Hour)
			})
			s.Spawn("trap", s.Yield)
			_ = s.Sleep(time.Hour)
		})
	}))
	require.Equal(t, 1, cleaned)
}

// Hooks are told of each event even if others, that were added before them, panic at it or end the goroutine.
func TestHooksThatFailHideNothingFromOthers(t *testing.T) {
	for name, fail := range map[string]func(){"panic": func() { panic(1) }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			var seen []string
			see := func(what string) func(*sched.Task) { return func(*sched.Task) { seen = append(seen, what) } }
			armed := false
			failing := func(*sched.Task) {
				if armed {
					armed = false
					fail()
				}
			}
			inGoroutine(func() {
				s := sched.New(sched.Config{OnPanic: func(*sched.Task, *sched.PanicError) {}})
				s.AddHooks(&sched.Hooks{Yielded: failing})
				s.AddHooks(&sched.Hooks{Yielded: see("yielded"), Exited: see("exited")})
				defer func() { _ = s.Close() }()
				_ = s.Run(func() {
					armed = true
					s.Yield()
				})
			})
			require.Equal(t, []string{"yielded", "exited"}, seen)
		})
	}
}

// A Goexit in a hook, when functions that were posted are about to get their tasks, loses none of them.
func TestSpawnedGoexitKeepsPosts(t *testing.T) {
	once := true
	hooks := &sched.Hooks{Spawned: func(task *sched.Task) {
		if once && task.Name() == "post" {
			once = false
			runtime.Goexit()
		}
	}}
	ran := 0
	require.Equal(t, "Goexit", inGoroutine(func() {
		s := sched.New(sched.Config{Hooks: hooks})
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		_ = s.Run(func() {
			for range 3 {
				s.Post(func() { ran++ })
			}
			_ = s.Sleep(time.Hour)
		})
	}))
	require.Equal(t, 3, ran)
}

// A timer is not lost if a hook that is told of its firing ends the goroutine: what a deferred function waits for, it gets.
func TestTimerGoneGoexitKeepsTheTimer(t *testing.T) {
	once := true
	hooks := &sched.Hooks{TimerGone: func(*sched.Timer, time.Duration, bool) {
		if once {
			once = false
			runtime.Goexit()
		}
	}}
	fired := 0
	require.Equal(t, "Goexit", inGoroutine(func() {
		s := sched.New(sched.Config{Hooks: hooks})
		defer func() { _ = s.Close() }()
		_ = s.Run(func() {
			s.StartTimer(sched.NewTimer(func() { fired++ }), s.After(0))
			defer func() { _ = s.Sleep(time.Millisecond) }()
			_ = s.Sleep(time.Hour)
		})
	}))
	require.Equal(t, 1, fired)
}

// Hooks whose Added panics are not there afterwards.
func TestAddedPanics(t *testing.T) {
	s := sched.New(sched.Config{})
	called := 0
	require.PanicsWithValue(t, "no", func() {
		s.AddHooks(&sched.Hooks{Added: func(*sched.Scheduler) { panic("no") }, Spawned: func(*sched.Task) { called++ }})
	})
	require.NoError(t, s.Run(func() {}))
	require.NoError(t, s.Close())
	require.Zero(t, called)
}
