package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBucketsAreGapless(t *testing.T) {
	require.Equal(t, 0, bucket(0))
	for v := uint64(1); v < 1<<14; v++ {
		i := bucket(v)
		require.LessOrEqual(t, i-bucket(v-1), 1, "value %d", v)
		require.LessOrEqual(t, v, uint64(upperEnd(i)), "value %d", v)
		require.Greater(t, v, uint64(upperEnd(i-1)), "value %d", v)
	}
	var h histogram
	require.Less(t, bucket(1<<63-1), len(h.counts))
}

func TestQuantilesAgainstSorting(t *testing.T) {
	var h histogram
	values := make([]time.Duration, 10_000)
	for i := range values {
		values[i] = time.Duration(rand.ExpFloat64() * 50_000)
		h.record(values[i])
	}
	slices.Sort(values)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
		exact := float64(values[int(q*float64(len(values)))-1])
		require.InEpsilon(t, exact+1, float64(h.quantile(q))+1, 1.0/32+0.001, "quantile %v", q)
	}
	require.Equal(t, values[len(values)-1], h.quantile(1))
}

func TestEmptyHistogram(t *testing.T) {
	require.Zero(t, new(histogram).quantile(0.5))
}
