//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"testing"
	"time"
)

func BenchmarkTimerAddStop(b *testing.B) {
	bench(b, func() {
		timer := AfterFunc(time.Hour, func() {})
		for b.Loop() {
			timer.Stop()
			timer.Reset(time.Hour)
		}
	})
}

func BenchmarkAfterFuncStop(b *testing.B) {
	bench(b, func() {
		fn := func() {}
		for b.Loop() {
			AfterFunc(time.Hour, fn).Stop()
		}
	})
}
