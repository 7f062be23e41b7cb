package sched_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// smaller divides a size where it would take too long.
func smaller(n, by int) int {
	if testing.Short() || sched.RaceEnabled() || sched.GoroutineIdentity() {
		return n / by
	}
	return n
}

func TestManyTasks(t *testing.T) {
	n := smaller(100_000, 20)
	clock := new(schedtest.Clock)
	s := sched.New(sched.Config{Clock: clock, Poller: schedtest.NewPoller(clock)})
	before := runtime.NumGoroutine()
	var q sched.WaitQueue
	woken, timedOut := 0, 0
	require.NoError(t, s.Run(func() {
		last := new(sched.Task)
		for i := range n {
			last = s.Spawn("", func() {
				if err := q.WaitUntil(s, sched.Why("a wake-up"), time.Duration(i+1)*time.Second); err == nil {
					woken++
				} else {
					timedOut++
				}
			})
		}
		s.Yield()
		require.Equal(t, n, q.Len())
		require.Equal(t, n, s.Stats().Timers)
		require.NoError(t, s.Sleep(time.Duration(n/2)*time.Second))
		require.Equal(t, n-n/2, q.WakeAll())
		require.NoError(t, last.Join())
		require.Equal(t, 1, s.Stats().Live)
	}))
	require.Equal(t, n, woken+timedOut)
	require.Equal(t, n/2, timedOut)
	require.NoError(t, s.Close())
	requireGoroutines(t, before)
}

func TestSpawnAndKillLeaveNothingBehind(t *testing.T) {
	n := smaller(500_000, 25) // two spawns each
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		cycle := func(n int) {
			var q sched.WaitQueue
			for i := range n {
				task := s.Spawn("", func() {
					defer func() { _ = s.Spawn("", func() {}) }()
					_ = q.WaitUntil(s, sched.Why("nothing"), s.After(time.Hour))
				})
				if i%4 > 0 { // else it never starts
					s.Yield()
				}
				s.Kill(task)
				if i%2 > 0 {
					require.Equal(t, sched.ErrKilled, task.Join())
				}
			}
			s.Yield()
			s.Yield()
			require.Zero(t, q.Len())
			require.Zero(t, s.Stats().Timers)
			require.Equal(t, 1, s.Stats().Live)
		}
		cycle(n / 10)
		before, goroutines := heap(), runtime.NumGoroutine()
		cycle(n)
		require.Less(t, heap(), before+1<<20)
		require.LessOrEqual(t, runtime.NumGoroutine(), goroutines+2)
	}))
	require.NoError(t, s.Close())
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
