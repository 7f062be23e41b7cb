package main

import (
	"runtime"
	"runtime/debug"

	"greenloop/bench/internal/usage"
)

// footprint is the memory of this process at one moment, in bytes.
type footprint struct {
	heapAlloc, heapInuse, stack uint64
	rss                         int64
}

// takeFootprint collects garbage first and gives unused memory back.
func takeFootprint() (footprint, error) {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	rss, err := usage.RSS()
	return footprint{heapAlloc: m.HeapAlloc, heapInuse: m.HeapInuse, stack: m.StackInuse, rss: rss}, err
}

// cost is what one of many costs, in bytes.
type cost struct {
	HeapAlloc float64 `json:"heap_alloc"` // live objects
	HeapInuse float64 `json:"heap_inuse"` // spans that hold them
	Stack     float64 `json:"stack_inuse"`
	RSS       float64 `json:"rss"` // all that the kernel sees
}

// Live is what the Go runtime counts as used: objects and stacks.
func (c cost) Live() float64 { return c.HeapAlloc + c.Stack }

func (f footprint) since(before footprint, n int) cost {
	each := func(now, then int64) float64 { return float64(now-then) / float64(n) }
	return cost{
		HeapAlloc: each(int64(f.heapAlloc), int64(before.heapAlloc)),
		HeapInuse: each(int64(f.heapInuse), int64(before.heapInuse)),
		Stack:     each(int64(f.stack), int64(before.stack)),
		RSS:       each(f.rss, before.rss),
	}
}
