//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

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
