//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import "testing"

func BenchmarkChannel(b *testing.B) { benchPass(b, NewChannel[int]()) }

// BenchmarkChannelPingPong sends there and back.
func BenchmarkChannelPingPong(b *testing.B) {
	bench(b, func() {
		there, back := NewChannel[int](), NewChannel[int]()
		Spawn(func() error {
			for v := range there.All() {
				if err := back.Put(v); err != nil {
					return err
				}
			}
			return nil
		})
		for b.Loop() {
			_ = there.Put(1)
			_, _ = back.Get()
		}
		there.Close()
	})
}
