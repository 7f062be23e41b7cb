package spawn

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"greenloop/bench/internal/meter"
)

// batch is how many are made before any is waited for.
const batch = 1_000

// benchmarkGoroutines runs with one P, as a scheduler's thread does, and with the default number.
func benchmarkGoroutines(b *testing.B, size int) {
	for _, procs := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("procs=%d", procs), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			goroutines(2*batch, size) // fills the runtime's pools
			m := meter.Start(b)
			goroutines(b.N, size)
			m.Stop(b.N)
		})
	}
}

// goroutines makes n of them, so many at a time.
func goroutines(n, size int) {
	var ended sync.WaitGroup
	for n > 0 {
		some := min(n, size)
		for range some {
			ended.Add(1)
			go func() { ended.Done() }()
		}
		ended.Wait()
		n -= some
	}
}

func BenchmarkGoroutineOneByOne(b *testing.B) { benchmarkGoroutines(b, 1) }
func BenchmarkGoroutineBatch(b *testing.B)    { benchmarkGoroutines(b, batch) }
