package debug

import (
	"testing"

	"greenloop/gevent"
)

// BenchmarkSwitch is a switch between two greenlets that yield to each other, and BenchmarkSpawn a greenlet's whole life;
// both without tracking and with it.
func BenchmarkSwitch(b *testing.B) {
	onAndOff(b, func(n int) {
		stop := false
		gevent.Spawn(func() error {
			for !stop {
				gevent.Yield()
			}
			return nil
		})
		for range n / 2 {
			gevent.Yield()
		}
		stop = true
	})
}

// BenchmarkPark is a switch by a wait: each has the other wait for an event.
func BenchmarkPark(b *testing.B) {
	onAndOff(b, func(n int) {
		ping, pong := gevent.NewQueue[int](1), gevent.NewQueue[int](1)
		gevent.Spawn(func() error {
			for {
				v, err := ping.Get()
				if err != nil {
					return err
				}
				if err := pong.Put(v); err != nil {
					return err
				}
			}
		})
		for range n / 2 {
			_ = ping.Put(1)
			_, _ = pong.Get()
		}
	})
}

func BenchmarkSpawn(b *testing.B) {
	onAndOff(b, func(n int) {
		for range n {
			gevent.Spawn(func() error { return nil })
			gevent.Yield()
		}
	})
}

func onAndOff(b *testing.B, work func(n int)) {
	for _, on := range []bool{false, true} {
		b.Run(map[bool]string{false: "off", true: "on"}[on], func(b *testing.B) {
			b.ReportAllocs()
			if err := gevent.Run(func() error {
				if on {
					New(gevent.GetHub()).Track()
				}
				work(1 << 10)
				b.ResetTimer()
				work(b.N)
				b.StopTimer()
				return nil
			}); err != nil {
				b.Fatal(err)
			}
		})
	}
}
