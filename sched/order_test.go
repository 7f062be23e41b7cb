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

func TestTasksStartInSpawnOrderAndNestedOnesBehind(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for _, name := range []string{"a", "b", "c"} {
			s.Go(name, func() {
				s.Tracef("%s", name)
				s.Go(name+name, func() { s.Tracef("%s", name+name) })
			})
		}
		s.Tracef("main")
		s.Settle()
		require.Equal(t, "main a b c aa bb cc", s.TraceString())
	})
}

func TestYieldLetsAllThatAreReadyGoFirst(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for i := 1; i <= 2; i++ {
			s.Go("", func() {
				s.Tracef("%dA", i)
				s.Yield()
				s.Tracef("%dB", i)
			})
		}
		s.Settle()
		require.Equal(t, "1A 2A 1B 2B", s.TraceString())
	})
}

func TestSleepOfZeroOrLessYields(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.Go("", func() { s.Tracef("other") })
		require.NoError(t, s.Sleep(0))
		s.Tracef("main")
		s.Go("", func() { s.Tracef("other") })
		require.NoError(t, s.Sleep(-time.Hour))
		s.Tracef("main")
		require.Equal(t, "other main other main", s.TraceString())
		require.Zero(t, s.Now())
	})
}

func TestWokenTasksRunInTheOrderOfTheirWakeUps(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		tasks := map[string]*sched.Task{}
		for _, name := range []string{"a", "b", "c"} {
			tasks[name] = s.Go(name, func() {
				require.NoError(t, s.Park(sched.Why("wake-up")))
				s.Tracef("%s", name)
			})
		}
		s.Settle()
		for _, name := range []string{"c", "a", "b"} {
			require.True(t, s.Ready(tasks[name]))
			require.False(t, s.Ready(tasks[name]), "it is not parked any more")
		}
		s.Settle()
		require.Equal(t, "c a b", s.TraceString())
	})
}

func TestTimersFireByDeadlineAndEqualOnesFIFO(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		for i, d := range []time.Duration{3, 1, 2, 1, 3, 1} {
			s.Go("", func() {
				require.NoError(t, s.Sleep(d*time.Second))
				s.Tracef("%d@%v", i, s.Now())
			})
			var later sched.Task
			s.StartLater(&later, "", sched.Func(func() { s.Tracef("late %d@%v", i, s.Now()) }), d*time.Second)
		}
		s.Advance(3 * time.Second)
		require.Equal(t, "late 1@1s late 3@1s late 5@1s 1@1s 3@1s 5@1s late 2@2s 2@2s late 0@3s late 4@3s 0@3s 4@3s", s.TraceString())
	})
}

func TestStartLaterOfZeroStartsAtTheNextTurn(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var later, never sched.Task
		s.StartLater(&later, "later", sched.Func(func() { s.Tracef("later") }), -time.Second)
		require.Equal(t, sched.Delayed, later.State())
		s.StartLater(&never, "never", sched.Func(func() {}), 1<<63-1)
		s.Go("", func() { s.Tracef("now") })
		s.Settle()
		require.Equal(t, "now later", s.TraceString())
		s.Kill(&never)
		require.Equal(t, sched.ErrKilled, never.Err())
	})
}

func TestWaitQueueIsFIFOWithGapsInTheMiddle(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var q sched.WaitQueue
		tasks := make([]*sched.Task, 8)
		for i := range tasks {
			tasks[i] = s.Go("", func() {
				deadline := sched.Never
				if i == 5 {
					deadline = time.Second
				}
				defer s.Tracef("%d!", i)
				err := q.WaitUntil(s.Scheduler, sched.Why("turn"), deadline)
				s.Tracef("%d:%v", i, err)
			})
		}
		require.Nil(t, q.Wake())
		require.Zero(t, q.WakeAll())
		s.Settle()
		require.Equal(t, 8, q.Len())
		s.Kill(tasks[2])
		s.Throw(tasks[3], fmt.Errorf("thrown"))
		s.Advance(time.Second)
		require.Equal(t, "2! 3:thrown 3! 5:sched: deadline passed 5!", s.TakeTrace())
		require.Equal(t, 5, q.Len())
		require.Same(t, tasks[0], q.First())
		require.Same(t, tasks[0], q.Wake())
		require.Same(t, tasks[1], q.Wake())
		s.Kill(tasks[1]) // its wait was over: the outcome counts, the kill comes at its next wait, which it has none
		require.Equal(t, 3, q.WakeAll())
		require.Zero(t, q.Len())
		require.Nil(t, q.First())
		s.Settle()
		require.Equal(t, "0:<nil> 0! 1:<nil> 1! 4:<nil> 4! 6:<nil> 6! 7:<nil> 7!", s.TraceString())
	})
}

func TestWakeAllWakesNobodyWhoComesLater(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		var q sched.WaitQueue
		n := 0
		task := s.Go("", func() {
			for {
				_ = q.Wait(s.Scheduler, sched.Why("turn"))
				n++
			}
		})
		s.Settle()
		q.WakeAll()
		s.Settle()
		require.Equal(t, 1, n)
		s.Kill(task)
		s.Settle()
	})
}

func TestJoinersAreWokenInTheOrderOfTheirCalls(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		worker := s.Go("worker", func() { _ = s.Sleep(time.Second) })
		for i := range 4 {
			s.Go("", func() {
				switch i {
				case 2:
					require.Equal(t, sched.ErrTimeout, worker.JoinUntil(time.Millisecond))
				default:
					require.NoError(t, worker.JoinUntil(sched.Never))
				}
				s.Tracef("%d", i)
			})
		}
		s.Advance(time.Second)
		require.Equal(t, "2 0 1 3", s.TraceString())
		require.NoError(t, worker.Join())
		require.NoError(t, worker.JoinUntil(0), "it is done, whatever the time")
	})
}

func ignorePanic(*sched.Task, *sched.PanicError) {}

// The transcript is the scheduler's contract with everything that draws it.
func TestTranscript(t *testing.T) {
	schedtest.RunConfig(t, schedtest.Config{Record: true, OnPanic: ignorePanic}, func(s *schedtest.Sim) {
		s.Recorder.Take()
		var q sched.WaitQueue
		s.Go("waiter", func() { _ = q.Wait(s.Scheduler, sched.Why("a bun")) })
		waker := s.Go("waker", func() {
			s.Yield()
			q.Wake()
			_ = s.Sleep(time.Second)
			panic("oops")
		})
		require.EqualError(t, waker.Join(), "panic: oops")
		s.Kill(s.Go("never", func() {}))
		killed := s.Go("killed", func() { _ = s.Await("nothing") })
		s.Yield()
		s.Kill(killed)
		_ = s.Sleep(0)
		_ = s.Sleep(time.Second)
		require.Equal(t, strings.TrimLeft(`
spawn 2 waiter by 1
spawn 3 waker by 1
park 1 join of waker (task 3)
switch 1→2
park 2 a bun
switch 2→3
yield 3
switch 3→3
ready 2 by 3
park 3 sleep
switch 3→2
exit 2
poll 1s
ready 3
switch 2→3
exit 3 panic: oops
ready 1 by 3
switch 3→1
spawn 4 never by 1
exit 4 killed
spawn 5 killed by 1
yield 1
switch 1→5
park 5 nothing
switch 5→1
ready 5 by 1
yield 1
switch 1→5
exit 5 killed
switch 5→1
park 1 sleep
poll 1s
ready 1
switch 1→1
`, "\n"), s.Recorder.Take())
	})
}
