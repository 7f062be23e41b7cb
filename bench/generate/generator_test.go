package generate

import (
	"iter"
	"runtime"
	"testing"

	"greenloop/bench/internal/meter"
	"greenloop/greenlet"
)

// measure runs op b.N times.
func measure(b *testing.B, op func()) {
	b.ReportAllocs()
	m := meter.Start(b)
	for range b.N {
		op()
	}
	m.Stop(b.N)
}

// One op is one value: there and back.
func BenchmarkNext(b *testing.B) {
	_ = greenlet.Run(func() error {
		g := greenlet.Generate(func(y *greenlet.Yielder[int, struct{}]) error {
			for i := 0; ; i++ {
				y.Yield(i)
			}
		})
		measure(b, func() { g.Next() })
		return nil
	})
}

// The same with a value sent for each.
func BenchmarkSend(b *testing.B) {
	_ = greenlet.Run(func() error {
		g := greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
			for i := 0; ; {
				i = y.Yield(i)
			}
		})
		g.Next()
		measure(b, func() { _, _ = g.Send(1) })
		return nil
	})
}

func ints(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

func benchmarkPull(b *testing.B) {
	next, stop := iter.Pull(ints)
	defer stop()
	measure(b, func() { next() })
}

func BenchmarkPullNext(b *testing.B) { benchmarkPull(b) }

// On a goroutine that is locked to its thread, as a generator's always is.
func BenchmarkPullNextLocked(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	benchmarkPull(b)
}

// One op is the whole life of a generator of one value.
func BenchmarkLife(b *testing.B) {
	_ = greenlet.Run(func() error {
		body := func(y *greenlet.Yielder[int, struct{}]) error {
			y.Yield(1)
			return nil
		}
		measure(b, func() {
			g := greenlet.Generate(body)
			g.Next()
			g.Next()
		})
		return nil
	})
}

func benchmarkPullLife(b *testing.B) {
	body := func(yield func(int) bool) { yield(1) }
	measure(b, func() {
		next, stop := iter.Pull(body)
		next()
		next()
		stop()
	})
}

func BenchmarkPullLife(b *testing.B) { benchmarkPullLife(b) }

func BenchmarkPullLifeLocked(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	benchmarkPullLife(b)
}
