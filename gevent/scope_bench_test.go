//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A time limit around a call that does not wait.
func BenchmarkWithTimeout(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			_ = WithTimeout(time.Minute, nothing)
		}
	})
}

func BenchmarkWithTimeoutNested(b *testing.B) {
	bench(b, func() {
		inner := func() error { return WithTimeout(time.Second, nothing) }
		for b.Loop() {
			_ = WithTimeout(time.Minute, inner)
		}
	})
}

// The same record used again: no allocation.
func BenchmarkTimeoutDo(b *testing.B) {
	bench(b, func() {
		timeout := NewTimeout(time.Minute)
		for b.Loop() {
			_ = timeout.Do(nothing)
		}
	})
}

func BenchmarkTimeoutStartCancel(b *testing.B) {
	bench(b, func() {
		timeout := NewTimeout(time.Minute)
		for b.Loop() {
			timeout.Start()
			timeout.Cancel()
		}
	})
}

// One that ends a wait.
func BenchmarkWithTimeoutExpired(b *testing.B) {
	bench(b, func() {
		wait := func() error { return Sleep(time.Hour) }
		for b.Loop() {
			_ = WithTimeout(0, wait)
		}
	})
}

func BenchmarkShield(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			_ = Shield(nothing)
		}
	})
}

func BenchmarkWithContext(b *testing.B) {
	bench(b, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for b.Loop() {
			_ = WithContext(ctx, nothing)
		}
	})
}

func BenchmarkContext(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			_ = Context()
		}
	})
}

func BenchmarkContextInWithTimeout(b *testing.B) {
	bench(b, func() {
		ask := func() error { return Context().Err() }
		for b.Loop() {
			_ = WithTimeout(time.Minute, ask)
		}
	})
}

func TestScopeAllocations(t *testing.T) {
	run(t, func() error {
		timeout := NewTimeout(time.Minute)
		for name, c := range map[string]struct {
			call func()
			want float64
		}{
			"WithTimeout":   {func() { _ = WithTimeout(time.Minute, nothing) }, 2},
			"Timeout.Do":    {func() { _ = timeout.Do(nothing) }, 0},
			"Timeout.Start": {func() { timeout.Start(); timeout.Cancel() }, 0},
			"Shield":        {func() { _ = Shield(nothing) }, 1},
			"Canceled":      {func() { _ = Canceled() }, 0},
		} {
			require.LessOrEqual(t, testing.AllocsPerRun(100, c.call), c.want, name)
		}
		return nil
	})
}
