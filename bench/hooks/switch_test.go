package main

import (
	"testing"

	"greenloop/bench/internal/meter"
	"greenloop/sched"
	"greenloop/sched/eventlog"
)

// BenchmarkSwitch: two tasks that yield to each other; one op is one switch.
func BenchmarkSwitch(b *testing.B) {
	for name, c := range map[string]*eventlog.Config{"off": nil, "on": {}, "lines": {Lines: true}} {
		b.Run(name, func(b *testing.B) {
			var config sched.Config
			if c != nil {
				config.Hooks = eventlog.New(*c).Hooks()
			}
			s := sched.New(config)
			defer s.Close()
			stop := false
			if err := s.Run(func() {
				s.Spawn("", func() {
					for !stop {
						s.Yield()
					}
				})
				for range 1 << 15 { // until the ring is full
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
		})
	}
}
