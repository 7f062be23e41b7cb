package switching

import (
	"fmt"
	"runtime"
	"testing"

	"greenloop/bench/internal/meter"
)

// ringSizes go from all in the first cache to hardly any in the last one.
var ringSizes = []int{2, 1_000, 100_000}

// ring is a circle of coroutines, one of which is its driver.
type ring interface {
	Run(rounds int) // takes the CPU once around, so many times
	Close()
}

// benchmarkRings measures rings of all sizes on a locked thread.
func benchmarkRings(b *testing.B, newRing func(size int) ring) {
	for _, size := range ringSizes {
		b.Run(fmt.Sprintf("ring=%d", size), func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			r := newRing(size)
			defer r.Close()
			r.Run(1) // first switches grow stacks and fill pools
			rounds := (b.N + size - 1) / size
			m := meter.Start(b)
			r.Run(rounds)
			m.Stop(rounds * size)
		})
	}
}
