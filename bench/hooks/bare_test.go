//go:build bare

package main

import (
	"testing"

	sched "greenloop/bench/hooks/bare"
	"greenloop/bench/internal/meter"
)

// BenchmarkSwitch's without: the same on the copy that knows no hooks.
func BenchmarkSwitchWithout(b *testing.B) {
	s := sched.New(sched.Config{})
	defer s.Close()
	stop := false
	if err := s.Run(func() {
		s.Spawn("", func() {
			for !stop {
				s.Yield()
			}
		})
		for range 1 << 15 {
			s.Yield()
		}
		half := (b.N + 1) / 2
		m := meter.Start(b)
		for range half {
			s.Yield()
		}
		m.Stop(2 * half)
		stop = true
	}); err != nil {
		b.Fatal(err)
	}
}
