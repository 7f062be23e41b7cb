package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// onAndOff runs a benchmark with the watchdog, which is to cost a switch nothing, and without.
func onAndOff(b *testing.B, main func(b *testing.B)) {
	for _, limit := range []time.Duration{0, -1} {
		b.Run(fmt.Sprintf("watchdog=%t", limit == 0), func(b *testing.B) {
			b.ReportAllocs()
			require.NoError(b, RunConfig(Config{Watchdog: limit}, func() error { main(b); return nil }))
		})
	}
}

// One that is alone yields to itself, without a switch.
func BenchmarkWatchdogYieldAlone(b *testing.B) {
	onAndOff(b, func(b *testing.B) {
		for b.Loop() {
			Yield()
		}
	})
}

func BenchmarkWatchdogSwitch(b *testing.B) {
	onAndOff(b, func(b *testing.B) {
		stop := false
		other := Spawn(func() error {
			for !stop {
				Yield()
			}
			return nil
		})
		for b.Loop() { // two switches
			Yield()
		}
		stop = true
		require.NoError(b, other.Join())
	})
}

func BenchmarkWatchdogSpawn(b *testing.B) {
	for _, name := range []string{"", "named"} {
		b.Run("name="+name, func(b *testing.B) {
			onAndOff(b, func(b *testing.B) {
				nothing := func() error { return nil }
				for b.Loop() {
					_ = SpawnNamed(name, nothing).Join()
				}
			})
		})
	}
}

// Each wait is for a timer: the loop gets its turn, and polls.
func BenchmarkWatchdogSleep(b *testing.B) {
	onAndOff(b, func(b *testing.B) {
		for b.Loop() {
			_ = Sleep(1)
		}
	})
}
