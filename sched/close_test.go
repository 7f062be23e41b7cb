package sched_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

func TestTheEndOfMainKillsTheRestNewestFirst(t *testing.T) {
	var trace []string
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		for _, name := range []string{"a", "b", "c"} {
			s.Spawn(name, func() {
				defer func() { trace = append(trace, name) }()
				_ = s.Park(sched.Why("nothing"))
			})
		}
		s.Yield()
		s.Spawn("never", func() { trace = append(trace, "never") })
	}))
	require.Equal(t, "c b a", strings.Join(trace, " "))
	require.Zero(t, s.Stats().Live)
	require.NoError(t, s.Close())
}

func TestDeferredFunctionsGetWhatTheyWaitFor(t *testing.T) {
	clock := new(schedtest.Clock)
	poller := schedtest.NewPoller(clock)
	s := sched.New(sched.Config{Clock: clock, Poller: poller})
	var trace []string
	note := func(text string) { trace = append(trace, text) }
	require.NoError(t, s.Run(func() {
		done := new(sched.WaitQueue)
		s.Spawn("timer", func() {
			defer func() {
				require.NoError(t, s.Sleep(time.Second))
				note("slept")
			}()
			_ = s.Park(sched.Why("nothing"))
		})
		s.Spawn("event", func() {
			defer func() {
				poller.Event("e").FireAt(2 * time.Second)
				require.NoError(t, poller.Event("e").Await(s))
				note("event")
				done.WakeAll()
			}()
			_ = s.Park(sched.Why("nothing"))
		})
		s.Spawn("other", func() {
			defer func() {
				require.NoError(t, done.Wait(s, sched.Why("the other")))
				note("woken")
			}()
			_ = s.Park(sched.Why("nothing"))
		})
		s.Spawn("post", func() {
			defer func() {
				self := s.Current()
				s.Post(func() {
					s.Ready(self)
					_ = s.Sleep(time.Hour)
					note("not this")
				})
				require.NoError(t, s.Park(sched.Why("a post")))
				note("posted")
			}()
			_ = s.Park(sched.Why("nothing"))
		})
		dying := s.Spawn("dying", func() {
			defer func() {
				require.NoError(t, s.Sleep(2500*time.Millisecond))
				note("nor this")
			}()
			_ = s.Park(sched.Why("nothing"))
		})
		killed := s.Spawn("killed before", func() {
			defer func() {
				require.NoError(t, s.Sleep(3*time.Second))
				note("not cut short")
			}()
			_ = s.Park(sched.Why("nothing"))
		})
		s.Yield()
		s.Kill(dying)
		s.Yield() // it waits in its deferred function
		s.Kill(killed)
	}))
	require.Equal(t, "posted slept event woken nor this not cut short", strings.Join(trace, " "))
	require.NoError(t, s.Close())
}

// What resists must not hang the host: what waits in vain is killed again, one deferred function at a time.
func TestCloseWithTasksThatResist(t *testing.T) {
	for _, run := range []bool{true, false} {
		s := sched.New(sched.Config{})
		before := runtime.NumGoroutine()
		rounds, respawned := 0, 0
		resist := func() {
			for range 3 {
				defer func() {
					for {
						rounds++
						_ = s.Park(sched.Why("for ever"))
						t.Error("goes on")
					}
				}()
			}
			_ = s.Park(sched.Why("nothing"))
		}
		var respawn func()
		respawn = func() {
			defer func() {
				respawned++
				child := s.Spawn("child", respawn)
				require.Equal(t, sched.ErrKilled, child.Join(), "dead at once")
				var late sched.Task
				s.StartLater(&late, "", sched.Func(respawn), time.Hour)
				require.Equal(t, sched.Done, late.State())
				s.Post(func() {
					_ = s.Park(sched.Why("nothing"))
					t.Error("goes on")
				})
			}()
			_ = s.Park(sched.Why("nothing"))
		}
		for range 2 {
			s.Spawn("", resist)
			s.Spawn("", respawn)
		}
		if run {
			require.NoError(t, s.Run(func() { s.Yield() }))
		} else {
			s.RunReady(time.Hour)
		}
		require.NoError(t, s.Close())
		require.Equal(t, 6, rounds)
		require.Equal(t, 2, respawned)
		require.Zero(t, s.Stats().Live)
		require.Zero(t, s.Stats().Timers)
		requireGoroutines(t, before)
	}
}

func requireGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 100_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines more than before", runtime.NumGoroutine()-before)
}

func TestCloseOfASchedulerThatNeverRan(t *testing.T) {
	s := sched.New(sched.Config{})
	exited := false
	task := s.Spawn("", func() { exited = true })
	later := new(sched.Task)
	s.StartLater(later, "", sched.Func(func() { exited = true }), time.Hour)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.False(t, exited)
	require.Equal(t, sched.ErrKilled, task.Err())
	require.Equal(t, sched.ErrKilled, later.Err())
	require.Zero(t, s.Stats().Timers)
	require.False(t, s.Post(func() {}))
}

func TestTasksKilledByEachOtherInTheirDeferredFunctions(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		tasks := make([]*sched.Task, 5)
		for i := range tasks {
			tasks[i] = s.Go("", func() {
				defer func() {
					s.Tracef("%d", i)
					for _, other := range tasks {
						if other != tasks[i] {
							s.Kill(other)
						}
					}
				}()
				_ = s.Park(sched.Why("nothing"))
			})
		}
		s.Settle()
		s.Kill(tasks[2])
		s.Settle()
		require.Equal(t, "2 0 1 3 4", s.TraceString())
	})
}

// Nobody can post any more once Close has begun: a Hold promises nothing then, and who waits for it is not waited for.
func TestCloseDoesNotWaitForAHold(t *testing.T) {
	s := sched.New(sched.Config{})
	defer s.Hold()()
	ended := false
	s.Spawn("waiter", func() {
		defer func() { ended = true }()
		defer func() { _ = s.Park(sched.Why("somebody outside")) }()
		_ = s.Park(sched.Why("nothing"))
	})
	s.RunReady(0)
	require.NoError(t, s.Close())
	require.True(t, ended)
}
