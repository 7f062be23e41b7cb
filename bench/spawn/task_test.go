package spawn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/meter"
	"greenloop/sched"
)

func benchmarkTasks(b *testing.B, size int) {
	s := sched.New(sched.Config{})
	require.NoError(b, s.Run(func() {
		tasks(s, 2*batch, size) // fills the scheduler's pools
		m := meter.Start(b)
		tasks(s, b.N, size)
		m.Stop(b.N)
	}))
	require.NoError(b, s.Close())
}

// tasks makes n of them, so many at a time, and waits as a WaitGroup does: for the last one.
func tasks(s *sched.Scheduler, n, size int) {
	nothing := func() {}
	for n > 0 {
		some := min(n, size)
		for range some - 1 {
			s.Spawn("nothing", nothing)
		}
		last := s.Spawn("nothing", nothing)
		_ = last.Join() // nothing returns no error, nobody throws
		n -= some
	}
}

func BenchmarkTaskOneByOne(b *testing.B) { benchmarkTasks(b, 1) }
func BenchmarkTaskBatch(b *testing.B)    { benchmarkTasks(b, batch) }
