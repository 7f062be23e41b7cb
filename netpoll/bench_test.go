//go:build unix

package netpoll

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// benchmark runs a benchmark on each backend that has real fds.
func benchmark(b *testing.B, run func(b *testing.B, s *suite)) {
	for _, backend := range everyBackend {
		open, world := backend.setup()
		if _, ok := world.(machine); !ok || backend.name == "default" {
			continue
		}
		b.Run(backend.name, func(b *testing.B) {
			s := newSuite(b, open, world)
			defer s.p.Close()
			b.ReportAllocs()
			run(b, s)
		})
	}
}

// One of a thousand is ready; a write and a read of its pair, and for poll(2) Arm, are included.
func BenchmarkWaitOneOfThousand(b *testing.B) {
	for name, timeout := range map[string]time.Duration{"poll": 0, "block": time.Second} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, func(b *testing.B, s *suite) {
				var c *conn
				var peer end
				for range 1000 {
					var mine end
					mine, peer = s.pair(b)
					s.closeLater(peer)
					c = s.watch(mine)
				}
				for len(s.poll(0)) > 0 {
				}
				buf := make([]byte, 8)
				for b.Loop() {
					_, e1 := peer.write(buf)
					n, e2 := s.p.Wait(s.events, timeout)
					_, e3 := c.read(buf)
					if err := errors.Join(e1, e2, e3, s.p.Arm(&c.watcher, Readable)); err != nil || n != 1 {
						b.Fatal(n, err)
					}
				}
			})
		})
	}
}

func BenchmarkWaitNothing(b *testing.B) {
	benchmark(b, func(b *testing.B, s *suite) {
		for b.Loop() {
			if n, err := s.p.Wait(s.events, 0); n != 0 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
}

func BenchmarkWakeAndWait(b *testing.B) {
	benchmark(b, func(b *testing.B, s *suite) {
		for b.Loop() {
			if err := s.p.Wake(); err != nil {
				b.Fatal(err)
			}
			if n, err := s.p.Wait(s.events, -1); n != 0 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
}

func BenchmarkAddRemove(b *testing.B) {
	benchmark(b, func(b *testing.B, s *suite) {
		mine, peer := s.pair(b)
		s.closeLater(mine)
		s.closeLater(peer)
		var w Watcher
		for b.Loop() {
			if err := errors.Join(s.p.Add(mine.fd(), &w), s.p.Remove(&w)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A peer on another thread answers, so each Wait blocks until it has: what a wait costs that does sleep.
func BenchmarkPingPong(b *testing.B) {
	benchmark(b, func(b *testing.B, s *suite) {
		mine, peer := s.pair(b)
		require.NoError(b, unix.SetNonblock(peer.fd(), false))
		c := s.watch(mine)
		s.await(c, Writable)
		done := make(chan struct{})
		go func() {
			defer close(done)
			buf := make([]byte, 8)
			for {
				if n, err := peer.read(buf); n == 0 || err != nil {
					return
				}
				_, _ = peer.write(buf)
			}
		}()
		buf := make([]byte, 8)
		for b.Loop() {
			_, err := c.write(buf)
			for err == nil {
				if _, err = c.read(buf); err != unix.EAGAIN {
					break
				}
				if err = s.p.Arm(&c.watcher, Readable); err == nil {
					_, err = s.p.Wait(s.events, time.Minute)
				}
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, c.closeWrite())
		<-done
		_ = peer.close()
	})
}
