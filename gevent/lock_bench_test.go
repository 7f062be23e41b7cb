//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"runtime"
	"sync"
	"testing"
)

func BenchmarkLock(b *testing.B) {
	bench(b, func() {
		var l Lock
		for b.Loop() {
			_ = l.Acquire()
			l.Release()
		}
	})
}

// BenchmarkMutex is BenchmarkLock with what Go has.
func BenchmarkMutex(b *testing.B) {
	var l sync.Mutex
	b.ReportAllocs()
	for b.Loop() {
		l.Lock()
		//lint:ignore SA2001 nothing is to be done in between
		l.Unlock()
	}
}

const contenders = 100

func BenchmarkLockContended(b *testing.B) {
	bench(b, func() {
		var l Lock
		var all WaitGroup
		left := b.N
		for range contenders {
			all.Go(func() error {
				for left > 0 {
					left--
					_ = l.Acquire()
					Yield()
					l.Release()
				}
				return nil
			})
		}
		b.ResetTimer()
		_ = all.Wait()
	})
}

// BenchmarkMutexContended is BenchmarkLockContended with what Go has.
func BenchmarkMutexContended(b *testing.B) {
	var l sync.Mutex
	var all sync.WaitGroup
	b.ReportAllocs()
	for i := range contenders {
		all.Go(func() {
			for range (b.N + i) / contenders {
				l.Lock()
				runtime.Gosched()
				l.Unlock()
			}
		})
	}
	all.Wait()
}

func BenchmarkRLock(b *testing.B) {
	bench(b, func() {
		var l RLock
		for b.Loop() {
			_ = l.Acquire()
			l.Release()
		}
	})
}

func BenchmarkSemaphore(b *testing.B) {
	bench(b, func() {
		s := NewSemaphore(1)
		for b.Loop() {
			_ = s.Acquire()
			s.Release()
		}
	})
}

func BenchmarkRWLockRead(b *testing.B) {
	bench(b, func() {
		var l RWLock
		for b.Loop() {
			_ = l.AcquireRead()
			l.ReleaseRead()
		}
	})
}

// BenchmarkSemaphoreHandOver is one permit that goes to and fro between two greenlets.
func BenchmarkSemaphoreHandOver(b *testing.B) {
	bench(b, func() {
		ping, pong := NewSemaphore(0), NewSemaphore(0)
		other := Spawn(func() error {
			for {
				if err := ping.Acquire(); err != nil {
					return err
				}
				pong.Release()
			}
		})
		for b.Loop() {
			ping.Release()
			_ = pong.Acquire()
		}
		other.KillAsync()
	})
}
