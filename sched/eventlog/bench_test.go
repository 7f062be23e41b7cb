package eventlog_test

import (
	"testing"

	"greenloop/sched"
	"greenloop/sched/eventlog"
)

// BenchmarkSwitch is one switch between two tasks that yield to each other: with no log, with one, and with one that keeps
// lines, too.
func BenchmarkSwitch(b *testing.B) {
	for _, c := range []struct {
		name string
		log  *eventlog.Config
	}{
		{"off", nil},
		{"on", &eventlog.Config{}},
		{"lines", &eventlog.Config{Lines: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var hooks *sched.Hooks
			if c.log != nil {
				hooks = eventlog.New(*c.log).Hooks()
			}
			s := sched.New(sched.Config{Hooks: hooks})
			defer s.Close()
			stop := false
			if err := s.Run(func() {
				s.Spawn("", func() {
					for !stop {
						s.Yield()
					}
				})
				for range 1 << 16 { // until the ring is full
					s.Yield()
				}
				b.ResetTimer()
				for range b.N / 2 {
					s.Yield()
				}
				b.StopTimer()
				stop = true
			}); err != nil {
				b.Fatal(err)
			}
		})
	}
}
