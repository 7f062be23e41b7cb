//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import "testing"

// BenchmarkSelect waits for one of two channels, with cases made once.
func BenchmarkSelect(b *testing.B) {
	bench(b, func() {
		left, right := NewChannel[int](), NewChannel[int]()
		Spawn(func() error {
			for {
				if err := left.Put(1); err != nil {
					return err
				}
				if err := right.Put(2); err != nil {
					return err
				}
			}
		})
		cases := []Case{OnGet(left, nil), OnGet(right, nil)}
		for b.Loop() {
			if _, err := Select(cases...); err != nil {
				b.Fatal(err)
			}
		}
		left.Close()
		right.Close()
	})
}

// BenchmarkTrySelect finds the second of two cases ready.
func BenchmarkTrySelect(b *testing.B) {
	bench(b, func() {
		idle, q := NewChannel[int](), NewQueue[int](0)
		cases := []Case{OnGet(idle, nil), OnGet(q, nil)}
		for b.Loop() {
			_ = q.TryPut(1)
			_, _ = TrySelect(cases...)
		}
	})
}

// BenchmarkSelectNewCases is BenchmarkTrySelect with cases that are made each time.
func BenchmarkSelectNewCases(b *testing.B) {
	bench(b, func() {
		idle, q := NewChannel[int](), NewQueue[int](0)
		for b.Loop() {
			_ = q.TryPut(1)
			_, _ = Select(OnGet(idle, nil), OnGet(q, nil))
		}
	})
}
