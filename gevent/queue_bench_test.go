//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"strconv"
	"testing"
)

// benchPass passes b.N items from one greenlet to another through q, which both use.
func benchPass(b *testing.B, q box) {
	bench(b, func() {
		Spawn(func() error {
			for i := range b.N {
				if err := q.Put(i); err != nil {
					return err
				}
			}
			return nil
		})
		b.ResetTimer()
		for range b.N {
			if _, err := q.Get(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkQueue(b *testing.B) {
	for _, limit := range []int{1, 16, 128} {
		b.Run(strconv.Itoa(limit), func(b *testing.B) { benchQueue(b, NewQueue[int](limit)) })
	}
}

// benchQueue is benchPass without the interface in between, which costs about as much as the queue.
func benchQueue(b *testing.B, q *Queue[int]) {
	bench(b, func() {
		Spawn(func() error {
			for i := range b.N {
				if err := q.Put(i); err != nil {
					return err
				}
			}
			return nil
		})
		b.ResetTimer()
		for range b.N {
			if _, err := q.Get(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLifoQueue(b *testing.B) { benchPass(b, NewLifoQueue[int](128)) }

func BenchmarkPriorityQueue(b *testing.B) { benchPass(b, NewPriorityQueue[int](128)) }

// BenchmarkQueueAlone is one greenlet that puts and gets, and never waits.
func BenchmarkQueueAlone(b *testing.B) {
	bench(b, func() {
		q := NewQueue[int](128)
		for b.Loop() {
			_ = q.Put(1)
			_, _ = q.Get()
		}
	})
}

func BenchmarkSimpleQueueAlone(b *testing.B) {
	bench(b, func() {
		q := NewSimpleQueue[int]()
		for b.Loop() {
			_ = q.Put(1)
			_, _ = q.Get()
		}
	})
}

// BenchmarkJoinableQueue counts each item as done, and joins every 128.
func BenchmarkJoinableQueue(b *testing.B) {
	bench(b, func() {
		var q JoinableQueue[int]
		Spawn(func() error {
			for range q.All() {
				q.TaskDone()
			}
			return nil
		})
		for i := 0; b.Loop(); i++ {
			_ = q.Put(1)
			if i%128 == 0 {
				_ = q.Join()
			}
		}
		q.Shutdown(true)
	})
}
