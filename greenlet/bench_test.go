package greenlet

import (
	"iter"
	"testing"
)

// There and back: two switches.
func BenchmarkSwitchRoundTrip(b *testing.B) {
	_ = Run(func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			for {
				main.Switch()
			}
		})
		b.ReportAllocs()
		for b.Loop() {
			g.Switch()
		}
		return nil
	})
}

func BenchmarkSwitchRoundTripWithValue(b *testing.B) {
	_ = Run(func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			v, _ := main.Switch()
			for {
				v, _ = main.Switch(v)
			}
		})
		g.Switch()
		b.ReportAllocs()
		for b.Loop() {
			g.Switch(b)
		}
		return nil
	})
}

func BenchmarkNewRunEnd(b *testing.B) {
	_ = Run(func() error {
		fn := func(...any) (any, error) { return nil, nil }
		b.ReportAllocs()
		for b.Loop() {
			New(fn).Switch()
		}
		return nil
	})
}

func BenchmarkKill(b *testing.B) {
	_ = Run(func() error {
		main := Current()
		fn := func(...any) (any, error) { return main.Switch() }
		b.ReportAllocs()
		for b.Loop() {
			g := New(fn)
			g.Switch()
			g.Kill()
		}
		return nil
	})
}

func BenchmarkGeneratorNext(b *testing.B) {
	_ = Run(func() error {
		g := Generate(func(y *Yielder[int, struct{}]) error {
			for i := 0; ; i++ {
				y.Yield(i)
			}
		})
		b.ReportAllocs()
		for b.Loop() {
			g.Next()
		}
		return nil
	})
}

// What the standard library's stackful generator takes for the same, one way only and on an unlocked thread.
func BenchmarkIterPull(b *testing.B) {
	next, stop := iter.Pull(func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	})
	defer stop()
	b.ReportAllocs()
	for b.Loop() {
		next()
	}
}

func BenchmarkGeneratorLife(b *testing.B) {
	_ = Run(func() error {
		b.ReportAllocs()
		for b.Loop() {
			for range count(1).All() {
			}
		}
		return nil
	})
}

// A generator from its making to its end, and the same with the standard library's.
func BenchmarkGeneratorMakeAndFinish(b *testing.B) {
	_ = Run(func() error {
		body := func(y *Yielder[int, struct{}]) error {
			y.Yield(1)
			return nil
		}
		b.ReportAllocs()
		for b.Loop() {
			g := Generate(body)
			g.Next()
			g.Next()
		}
		return nil
	})
}

func BenchmarkIterPullMakeAndFinish(b *testing.B) {
	body := func(yield func(int) bool) { yield(1) }
	b.ReportAllocs()
	for b.Loop() {
		next, stop := iter.Pull(body)
		next()
		next()
		stop()
	}
}
