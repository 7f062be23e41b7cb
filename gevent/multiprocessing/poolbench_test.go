//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// One op is a Map of 10,000 numbers in a pool of four. The same in Python: bench/python/mp_pool.py.
func BenchmarkPoolMap(b *testing.B) {
	for _, size := range []int{0, 1} {
		b.Run(fmt.Sprint("chunk=", size), func(b *testing.B) {
			bench(b, func() error {
				p := poolOf(b, 4, mp.PoolOptions{})
				f := poolSquare.With(mp.MapOptions{Chunk: size})
				got[[]int](b)(f.Map(p, poolCount(10_000)))
				for b.Loop() {
					if _, err := f.Map(p, poolCount(10_000)); err != nil {
						return err
					}
				}
				poolEnd(b, p)
				return nil
			})
		})
	}
}

// One op is one Apply after the other in a pool of one.
func BenchmarkPoolApply(b *testing.B) {
	bench(b, func() error {
		p := poolOf(b, 1, mp.PoolOptions{})
		for b.Loop() {
			if _, err := poolSquare.Apply(p, 3); err != nil {
				return err
			}
		}
		poolEnd(b, p)
		return nil
	})
}

// One op is a result of an IMap in a pool of four.
func BenchmarkPoolIMap(b *testing.B) {
	for _, size := range []int{1, 100} {
		b.Run(fmt.Sprint("chunk=", size), func(b *testing.B) {
			bench(b, func() error {
				p := poolOf(b, 4, mp.PoolOptions{})
				n := 0
				for _, err := range poolSquare.With(mp.MapOptions{Chunk: size}).IMap(p, poolCount(b.N)) {
					require.NoError(b, err)
					n++
				}
				require.Equal(b, b.N, n)
				poolEnd(b, p)
				return nil
			})
		})
	}
}

var poolSpin = mp.DefineFunc("pool spin", func(d time.Duration) (int, error) {
	n := 0
	for end := time.Now().Add(d); time.Now().Before(end); {
		n++
	}
	return n, nil
})

// One op is a tick each millisecond of a greenlet beside a pool of four workers: without work, busy, busy at a nice
// value, and with another greenlet that maps a million quick items again and again, so that this process is busy, too.
// Reported is how late the ticks are. A computer with other work shows that, too.
func BenchmarkPoolTicker(b *testing.B) {
	busy := func(p *mp.Pool) error {
		poolSpin.With(mp.MapOptions{Chunk: 1}).MapAsync(p, func(yield func(time.Duration) bool) {
			for range 100_000 {
				yield(5 * time.Millisecond)
			}
		}, nil, nil)
		return nil
	}
	maps := func(p *mp.Pool) error {
		for {
			if _, err := poolSquare.Map(p, poolCount(1_000_000)); err != nil {
				return err
			}
		}
	}
	imaps := func(p *mp.Pool) error {
		for _, err := range poolSquare.IMap(p, poolCount(math.MaxInt)) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range []struct {
		name string
		work func(p *mp.Pool) error
		o    mp.PoolOptions
	}{
		{"idle", nil, mp.PoolOptions{}},
		{"busy", busy, mp.PoolOptions{}},
		{"busy/nice=19", busy, mp.PoolOptions{Nice: 19}},
		{"busy/background", busy, mp.PoolOptions{Background: true}},
		{"map", maps, mp.PoolOptions{}},
		{"map/background", maps, mp.PoolOptions{Background: true}},
		{"imap", imaps, mp.PoolOptions{}},
		{"imap/background", imaps, mp.PoolOptions{Background: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			bench(b, func() error {
				p := poolOf(b, 4, c.o)
				got[int](b)(poolSpin.Apply(p, 0))
				if c.work != nil {
					worker := gevent.Spawn(func() error { return c.work(p) })
					defer worker.KillAsync()
				}
				var late []time.Duration
				for b.Loop() {
					due := time.Now().Add(time.Millisecond)
					if err := gevent.Sleep(time.Millisecond); err != nil {
						return err
					}
					late = append(late, time.Since(due))
				}
				slices.Sort(late)
				for _, percent := range []int{50, 90, 99, 100} {
					at := min(len(late)*percent/100, len(late)-1)
					b.ReportMetric(float64(late[at].Microseconds()), fmt.Sprintf("p%d-late-us", percent))
				}
				p.Terminate()
				return p.Join()
			})
		})
	}
}
