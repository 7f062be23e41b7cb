//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// bench runs main in a hub.
func bench(b *testing.B, main func() error) {
	b.Helper()
	b.ReportAllocs()
	require.NoError(b, gevent.Run(main))
}

var (
	echoInt   = mp.Define("echo int", func(c *mp.Conn[int, int]) error { return echo(c) })
	echoPoint = mp.Define("echo point", func(c *mp.Conn[point, point]) error { return echo(c) })
	echoGob   = mp.Define("echo gob", func(c *mp.Conn[hidden, hidden]) error { return echo(c) })
	echoInts  = mp.Define("echo ints", func(c *mp.Conn[[]int, []int]) error { return echo(c) })
	echoText  = mp.Define("echo text", func(c *mp.Conn[string, string]) error { return echo(c) })
	drains    = mp.Define("drains", func(c *mp.Conn[int, []byte]) error {
		n := 0
		for b, err := range c.All() {
			if err != nil {
				return err
			}
			if n++; len(b) == 0 {
				return c.Send(n)
			}
		}
		return nil
	})
	drainsInto = mp.Define("drains into", func(c *mp.Conn[int, []byte]) error {
		b := make([]byte, 64<<10)
		for count := 1; ; count++ {
			n, err := c.RecvInto(b)
			if err != nil {
				return err
			}
			if n == 0 {
				return c.Send(count)
			}
		}
	})
)

func echo[T any](c *mp.Conn[T, T]) error {
	for v, err := range c.All() {
		if err != nil {
			return err
		}
		if err := c.Send(v); err != nil {
			return err
		}
	}
	return nil
}

// A value to another process and back.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("int", func(b *testing.B) { roundTrip(b, echoInt, 1) })
	b.Run("struct", func(b *testing.B) { roundTrip(b, echoPoint, point{1, 2}) })
	b.Run("gob", func(b *testing.B) { roundTrip(b, echoGob, hidden{A: 1}) })
	b.Run("ints=1000", func(b *testing.B) { roundTrip(b, echoInts, make([]int, 1000)) })
	b.Run("text=4096", func(b *testing.B) { roundTrip(b, echoText, string(make([]byte, 4096))) })
}

func roundTrip[T any](b *testing.B, target *mp.Target[*mp.Conn[T, T]], v T) {
	bench(b, func() error {
		ours, theirs := duplex[T, T](b)
		p := begin(b, target, theirs)
		for b.Loop() {
			if err := ours.Send(v); err != nil {
				return err
			}
			if _, err := ours.Recv(); err != nil {
				return err
			}
		}
		require.NoError(b, ours.Close())
		return p.Join()
	})
}

// Messages to another process, which takes them as fast as it can: each into memory of its own, or all into the same.
func BenchmarkOneWay(b *testing.B) {
	for name, target := range map[string]*mp.Target[*mp.Conn[int, []byte]]{"": drains, "/into": drainsInto} {
		for _, size := range []int{16, 1024, 65536} {
			b.Run(fmt.Sprint("bytes=", size, name), func(b *testing.B) {
				b.SetBytes(int64(size))
				bench(b, func() error {
					ours, theirs := duplex[[]byte, int](b)
					p := begin(b, target, theirs)
					message := make([]byte, size)
					n := 1
					for b.Loop() {
						if err := ours.Send(message); err != nil {
							return err
						}
						n++
					}
					require.NoError(b, ours.Send(nil))
					require.Equal(b, n, got[int](b)(ours.Recv()))
					require.NoError(b, ours.Close())
					return p.Join()
				})
			})
		}
	}
}

// A process that does nothing.
func BenchmarkStartJoin(b *testing.B) {
	bench(b, func() error {
		for b.Loop() {
			p, err := exits.Start("nil")
			if err != nil {
				return err
			}
			if err := p.Join(); err != nil {
				return err
			}
		}
		return nil
	})
}
