package switching

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/meter"
	"greenloop/sched"
)

// BenchmarkYield: tasks that yield in turn, the scheduler included: run queue,
// passes, timers and posts looked at. Run locks the thread.
func BenchmarkYield(b *testing.B) {
	for _, size := range []int{2, 1_000} {
		b.Run(fmt.Sprintf("ring=%d", size), func(b *testing.B) {
			s := sched.New(sched.Config{})
			require.NoError(b, s.Run(func() {
				// Endless, the loop ends with them being killed when main returns.
				for range size - 1 {
					s.Spawn("yielding", func() {
						for {
							s.Yield()
						}
					})
				}
				s.Yield()
				rounds := (b.N + size - 1) / size
				m := meter.Start(b)
				for range rounds {
					s.Yield()
				}
				m.Stop(rounds * size)
			}))
			require.NoError(b, s.Close())
		})
	}
}
