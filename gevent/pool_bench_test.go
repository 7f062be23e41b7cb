//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"slices"
	"testing"
)

func nothing() error { return nil }

func BenchmarkGroupSpawn(b *testing.B) {
	bench(b, func() {
		var group Group
		for b.Loop() {
			group.Spawn(nothing)
			Yield()
		}
	})
}

func BenchmarkPoolSpawn(b *testing.B) {
	bench(b, func() {
		p := NewPool(1)
		for b.Loop() {
			if _, err := p.Spawn(nothing); err != nil {
				b.Fatal(err)
			}
		}
		_ = p.Join()
	})
}

func BenchmarkPoolMap100(b *testing.B) {
	bench(b, func() {
		p := NewPool(10)
		items := make([]int, 100)
		for b.Loop() {
			if _, err := Map(p, slices.Values(items), func(n int) (int, error) { return n, nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkIMap100(b *testing.B) {
	bench(b, func() {
		p := NewPool(10)
		items := make([]int, 100)
		for b.Loop() {
			for _, err := range IMap(p, slices.Values(items), func(n int) (int, error) { return n, nil }) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkNurse(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			if err := Nurse(func(n *Nursery) error { n.Spawn(nothing); return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLink(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			Spawn(nothing).Link(func(*Greenlet) {})
			Yield()
			Yield()
		}
	})
}

func BenchmarkWait10(b *testing.B) {
	bench(b, func() {
		objs := make([]Waitable, 10)
		for b.Loop() {
			for i := range objs {
				objs[i] = Spawn(nothing)
			}
			if _, err := Wait(objs...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkJoinAll10(b *testing.B) {
	bench(b, func() {
		gs := make([]*Greenlet, 10)
		for b.Loop() {
			for i := range gs {
				gs[i] = Spawn(nothing)
			}
			if err := JoinAll(gs...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLocalGet(b *testing.B) {
	bench(b, func() {
		var local Local[int]
		local.Set(1)
		for b.Loop() {
			local.Get()
		}
	})
}

func BenchmarkTreeLocalGet(b *testing.B) {
	bench(b, func() {
		var local TreeLocal[int]
		local.Set(1)
		for b.Loop() {
			local.Get()
		}
	})
}

// BenchmarkSpawnWithTreeLocal is what a value that is inherited adds to a spawn.
func BenchmarkSpawnWithTreeLocal(b *testing.B) {
	bench(b, func() {
		var local TreeLocal[int]
		local.Set(1)
		for b.Loop() {
			Spawn(nothing)
			Yield()
		}
	})
}
