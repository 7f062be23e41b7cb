package gevent

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkSharedQueueSameHub(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		q := NewSharedQueue[int](64)
		getter := Spawn(func() error {
			for range q.All() {
			}
			return nil
		})
		for b.Loop() {
			_ = q.Put(1)
		}
		q.Shutdown()
		return getter.Get()
	}))
}

func BenchmarkSharedQueueFromGoroutine(b *testing.B) {
	b.ReportAllocs()
	q := NewSharedQueue[int](64)
	ended := make(chan error)
	go func() {
		ended <- Run(func() error {
			for range q.All() {
			}
			return nil
		})
	}()
	for b.Loop() {
		_ = q.Put(1)
	}
	q.Shutdown()
	require.NoError(b, <-ended)
}

func BenchmarkSharedSemaphorePingPong(b *testing.B) {
	b.ReportAllocs()
	ping, pong := new(SharedSemaphore), new(SharedSemaphore)
	ended := make(chan error)
	over := false
	go func() {
		ended <- Run(func() error {
			for {
				_ = ping.Acquire()
				if over {
					return nil
				}
				pong.Release()
			}
		})
	}()
	for b.Loop() {
		ping.Release()
		_ = pong.Acquire()
	}
	over = true
	ping.Release()
	require.NoError(b, <-ended)
}

func BenchmarkSharedResultReady(b *testing.B) {
	b.ReportAllocs()
	r := new(SharedResult[int])
	r.Set(1)
	for b.Loop() {
		_, _ = r.Get()
	}
}

func BenchmarkOffloadPooled(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		for b.Loop() {
			_, _ = Offload(func() (int, error) { return 1, nil })
		}
		return nil
	}))
}

func BenchmarkAwait(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		for b.Loop() {
			_, _ = Await(func(context.Context) (int, error) { return 1, nil })
		}
		return nil
	}))
}

func BenchmarkChannelReady(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		ch := make(chan int, 1)
		for b.Loop() {
			_ = Send(ch, 1)
			_, _, _ = Recv(ch)
		}
		return nil
	}))
}

func BenchmarkChannelRecv(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		ch, quit := make(chan int), make(chan struct{})
		go func() {
			for {
				select {
				case ch <- 1:
				case <-quit:
					return
				}
			}
		}()
		for b.Loop() {
			_, _, _ = Recv(ch)
		}
		close(quit)
		return nil
	}))
}

func BenchmarkChannelRecvAll(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		ch, quit := make(chan int), make(chan struct{})
		go func() {
			for {
				select {
				case ch <- 1:
				case <-quit:
					return
				}
			}
		}()
		defer close(quit)
		for range RecvAll(ch) {
			if !b.Loop() {
				break
			}
		}
		return nil
	}))
}

func BenchmarkGuard(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		g := NewGuard(1)
		nothing := func() error { return nil }
		for b.Loop() {
			_ = g.Do(nothing)
		}
		return nil
	}))
}

func BenchmarkGuardContended(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Run(func() error {
		g := NewGuard(1)
		yield := func() error { Yield(); return nil }
		over := false
		other := Spawn(func() error {
			for !over {
				_ = g.Do(yield)
			}
			return nil
		})
		for b.Loop() {
			_ = g.Do(yield)
		}
		over = true
		return other.Get()
	}))
}
