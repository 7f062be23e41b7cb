package spawn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/meter"
	"greenloop/sched"
)

// Tasks without a handle, which is all that a go statement gives; the count stands for the WaitGroup.
func benchmarkForgotten(b *testing.B, size int) {
	s := sched.New(sched.Config{})
	require.NoError(b, s.Run(func() {
		forgotten(s, 2*batch, size)
		m := meter.Start(b)
		forgotten(s, b.N, size)
		m.Stop(b.N)
	}))
	require.NoError(b, s.Close())
}

func forgotten(s *sched.Scheduler, n, size int) {
	var ended sched.WaitQueue
	left := 0
	for n > 0 {
		some := min(n, size)
		for range some {
			left++
			s.Go(func() {
				if left--; left == 0 {
					ended.Wake()
				}
			})
		}
		_ = ended.Wait(s, sched.Why("the last one")) // nobody throws
		n -= some
	}
}

func BenchmarkForgottenOneByOne(b *testing.B) { benchmarkForgotten(b, 1) }
func BenchmarkForgottenBatch(b *testing.B)    { benchmarkForgotten(b, batch) }
