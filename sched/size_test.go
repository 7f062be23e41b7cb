package sched

import (
	"testing"
	"unsafe"
)

func TestSize(t *testing.T) { t.Log(unsafe.Sizeof(Task{})) }

func BenchmarkYield(b *testing.B) {
	s := New(Config{})
	b.ReportAllocs()
	_ = s.Run(func() {
		other := s.Spawn("other", func() {
			for {
				s.Yield()
			}
		})
		s.Yield()
		for b.Loop() {
			s.Yield()
		}
		_ = other
	})
}

func BenchmarkSpawn(b *testing.B) {
	s := New(Config{})
	b.ReportAllocs()
	_ = s.Run(func() {
		for b.Loop() {
			s.Spawn("", func() {}).Join()
		}
	})
}
func BenchmarkSpawnBatch(b *testing.B) {
	s := New(Config{})
	b.ReportAllocs()
	_ = s.Run(func() {
		for i := 0; b.Loop(); i++ {
			s.Spawn("", func() {})
			if i%1000 == 0 {
				s.Yield()
			}
		}
	})
}
func BenchmarkDeadlock(b *testing.B) {
	s := New(Config{})
	err := s.Run(func() {
		s.Spawn("x", func() { s.Park(Why("x")) })
		s.Park(Why("tea"))
	})
	b.Log(err)
}
