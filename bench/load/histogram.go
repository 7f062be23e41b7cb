package main

import (
	"math/bits"
	"time"

	"greenloop/bench/internal/loadresult"
)

// subBits says how fine the buckets are: 32 to each power of two, so a value
// read back is at most 1/32 too high.
const subBits = 5

// histogram counts latencies in buckets that widen with the value, in the way of HdrHistogram.
type histogram struct {
	counts [(64 - subBits + 1) << subBits]int64
	total  int64
	max    time.Duration
}

func (h *histogram) record(d time.Duration) {
	h.counts[bucket(uint64(d))]++
	h.total++
	h.max = max(h.max, d)
}

// quantile returns the upper end of the bucket in which the q-th part of the values ends.
func (h *histogram) quantile(q float64) time.Duration {
	want := int64(q * float64(h.total))
	var seen int64
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= want {
			return min(upperEnd(i), h.max)
		}
	}
	return h.max
}

// summary reads the quantiles that a run reports.
func (h *histogram) summary() loadresult.Latency {
	return loadresult.Latency{
		P50: h.quantile(0.5), P90: h.quantile(0.9), P99: h.quantile(0.99), P999: h.quantile(0.999), Max: h.max,
	}
}

// bucket numbers values below 2^subBits singly, each power of two above in 2^subBits steps.
func bucket(v uint64) int {
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// upperEnd is the greatest value that falls into a bucket.
func upperEnd(i int) time.Duration {
	shift := max(i>>subBits-1, 0)
	lower := uint64(i-shift<<subBits) << shift
	return time.Duration(lower + 1<<shift - 1)
}
