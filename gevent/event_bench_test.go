//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import "testing"

// BenchmarkEvent is one event set and waited for by another greenlet, and the same back.
func BenchmarkEvent(b *testing.B) {
	bench(b, func() {
		var ping, pong Event
		other := Spawn(func() error {
			for {
				if err := ping.Wait(); err != nil {
					return err
				}
				ping.Clear()
				pong.Set()
			}
		})
		for b.Loop() {
			ping.Set()
			_ = pong.Wait()
			pong.Clear()
		}
		other.KillAsync()
	})
}

func BenchmarkAsyncResult(b *testing.B) {
	bench(b, func() {
		for b.Loop() {
			var r AsyncResult[int]
			Spawn(func() error { r.Set(1); return nil })
			_, _ = r.Get()
		}
	})
}

func BenchmarkCondition(b *testing.B) {
	bench(b, func() {
		c := NewCondition(new(Lock))
		turn := 0
		play := func(me int) error {
			for {
				turn = 1 - me
				c.Notify(1)
				if err := c.WaitFor(func() bool { return turn == me }); err != nil {
					return err
				}
				if me == 0 && !b.Loop() {
					return nil
				}
			}
		}
		other := Spawn(func() error { return c.With(func() error { return play(1) }) })
		_ = c.With(func() error { return play(0) })
		other.KillAsync()
	})
}

func BenchmarkBarrier(b *testing.B) {
	bench(b, func() {
		barrier := NewBarrier(2, nil)
		other := Spawn(func() error {
			for {
				if _, err := barrier.Wait(); err != nil {
					return err
				}
			}
		})
		for b.Loop() {
			_, _ = barrier.Wait()
		}
		other.KillAsync()
	})
}

func BenchmarkOnce(b *testing.B) {
	bench(b, func() {
		var o Once
		fn := func() error { return nil }
		for b.Loop() {
			_ = o.Do(fn)
		}
	})
}

func BenchmarkWaitGroupGo(b *testing.B) {
	bench(b, func() {
		var w WaitGroup
		fn := func() error { return nil }
		for b.Loop() {
			w.Go(fn)
			_ = w.Wait()
		}
	})
}
