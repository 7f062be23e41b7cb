//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

var (
	poolLength = mp.DefineFunc("pool length", func(s string) (int, error) { return len(s), nil })
	poolBlocks = mp.DefineFunc("pool blocks", func(d time.Duration) (time.Duration, error) {
		time.Sleep(d) // all of the worker stands still
		return d, nil
	})
)

// Outcomes come though a call after them, in the same chunk, takes for ever.
func TestPoolPaceOutcomesDoNotWaitForALongCall(t *testing.T) {
	for _, long := range []*mp.Func[time.Duration, time.Duration]{poolSleep, poolBlocks} {
		run(t, func() error {
			p := poolOf(t, 1, mp.PoolOptions{})
			items := append(make([]time.Duration, 99), time.Hour)
			for _, size := range []int{100, 1} {
				came := 0
				for _, err := range long.With(mp.MapOptions{Chunk: size}).IMap(p, slices.Values(items)) {
					require.NoError(t, err)
					if came++; came == 99 {
						break
					}
				}
				require.Equal(t, 99, came)
				require.NoError(t, p.Workers()[0].Kill()) // it is in the last one
			}
			done := 0
			all := long.With(mp.MapOptions{Chunk: 100, Progress: func(n, _ int) { done = n }})
			r := all.MapAsync(p, slices.Values(items), nil, nil)
			eventually(t, func() bool { return done == 99 })
			require.NoError(t, p.Workers()[0].Kill())
			require.ErrorIs(t, val(r.GetTimeout(patience)), mp.ErrWorkerDied)
			poolEnd(t, p)
			return nil
		})
	}
}

// Chunks that would make long messages are sent in parts, and quick calls many at a time, whatever the chunks are.
func TestPoolPaceOfManyItems(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		texts := slices.Repeat([]string{strings.Repeat("x", 3000), ""}, 50)
		lengths := slices.Repeat([]int{3000, 0}, 50)
		for _, size := range []int{0, 1, 100_000} {
			o := mp.MapOptions{Chunk: size}
			require.Equal(t, poolSquares(50_000), got[[]int](t)(poolSquare.With(o).Map(p, poolCount(50_000))))
			require.Equal(t, lengths, got[[]int](t)(poolLength.With(o).Map(p, slices.Values(texts))))
			i := 0
			for v, err := range poolSquare.With(o).IMap(p, poolCount(20_000)) {
				require.NoError(t, err)
				require.Equal(t, i*i, v)
				i++
			}
			require.Equal(t, 20_000, i)
		}
		poolEnd(t, p)
		return nil
	})
}

// The first item takes for ever, the others come and go.
func TestPoolPaceUnorderedBehindALongCall(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		items := append([]time.Duration{time.Hour}, make([]time.Duration, 1000)...)
		came := 0
		for d, err := range poolSleep.IMapUnordered(p, slices.Values(items)) {
			require.NoError(t, err)
			require.Zero(t, d)
			if came++; came == 1000 {
				break
			}
		}
		require.Equal(t, 1000, came)
		p.Terminate()
		return p.Join()
	})
}

// What takes longer than its like did is shared among the workers all the same.
func TestPoolPaceChanges(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		f := poolSleep.With(mp.MapOptions{Chunk: 1})
		for range 3 {
			got[[]time.Duration](t)(f.Map(p, slices.Values(make([]time.Duration, 1000))))
		}
		slow := slices.Repeat([]time.Duration{time.Millisecond}, 40)
		require.Equal(t, slow, got[[]time.Duration](t)(f.Map(p, slices.Values(slow))))
		came := 0
		for d, err := range f.IMapUnordered(p, slices.Values([]time.Duration{time.Hour, 0, 0, 0, 0, 0})) {
			require.NoError(t, err)
			require.Zero(t, d)
			if came++; came == 5 {
				break
			}
		}
		p.Terminate()
		return p.Join()
	})
}
