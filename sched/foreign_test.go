package sched_test

import (
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// Code that knows nothing of tasks, but switches goroutines in its own way, runs inside them.

func skipWherePullsAreForeign(t *testing.T) {
	if sched.GoroutineIdentity() {
		t.Skip("coro takes a goroutine that it has not made for a foreign one here")
	}
}

func TestAPullOfTheUsersWhoseSequenceWaits(t *testing.T) {
	skipWherePullsAreForeign(t)
	schedtest.Run(t, func(s *schedtest.Sim) {
		for _, name := range []string{"a", "b"} {
			s.Go(name, func() {
				self := s.Current()
				next, stop := iter.Pull(func(yield func(int) bool) {
					defer s.Tracef("%s stopped", name)
					for i := 0; ; i++ {
						if s.Current() != self || sched.Current() != s.Scheduler {
							t.Error("it is the task's own code still")
						}
						_ = s.Sleep(time.Second)
						s.Yield()
						if !yield(i) {
							return
						}
					}
				})
				defer stop()
				for range 2 {
					i, ok := next()
					require.True(t, ok)
					s.Tracef("%s%d", name, i)
				}
			})
		}
		s.Advance(2 * time.Second)
		require.Equal(t, "a0 b0 a1 a stopped b1 b stopped", s.TraceString())
	})
}

func TestAKillInsideAPullOfTheUsers(t *testing.T) {
	skipWherePullsAreForeign(t)
	schedtest.Run(t, func(s *schedtest.Sim) {
		task := s.Go("", func() {
			defer s.Tracef("body")
			next, stop := iter.Pull(func(func(int) bool) {
				defer s.Tracef("sequence")
				_ = s.Park(sched.Why("nothing"))
			})
			defer stop()
			next() // raises the Goexit again, as iter.Pull says
			s.Tracef("not here")
		})
		s.Settle()
		s.Kill(task)
		require.Equal(t, sched.ErrKilled, task.Join())
		require.Equal(t, "sequence body", s.TraceString())
	})
}

func TestInABubbleOfSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := sched.New(sched.Config{})
		ticks := 0
		go func() {
			time.Sleep(30 * time.Minute)
			s.Post(func() { ticks += 1000 })
		}()
		require.NoError(t, s.Run(func() {
			tasks := make([]*sched.Task, 100)
			for i := range tasks {
				tasks[i] = s.Spawn("", func() {
					for range 60 {
						require.NoError(t, s.Sleep(time.Minute))
						ticks++
					}
				})
			}
			for _, task := range tasks {
				require.NoError(t, task.Join())
			}
			require.Equal(t, time.Hour, s.Now())
		}))
		require.Equal(t, 7000, ticks)
		require.Equal(t, time.Hour, time.Since(start))
		require.NoError(t, s.Close())
	})
}
