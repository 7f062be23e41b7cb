package switching

import (
	"iter"
	"testing"
)

// pullRing is what iter.Pull is meant for: a main loop that calls each in turn.
// Going from one coroutine to another takes a yield and a next, two coroswitches.
type pullRing struct {
	nexts []func() (struct{}, bool)
	stops []func()
}

func newPullRing(size int) ring {
	r := &pullRing{}
	for range size {
		next, stop := iter.Pull(func(yield func(struct{}) bool) {
			for yield(struct{}{}) {
			}
		})
		r.nexts, r.stops = append(r.nexts, next), append(r.stops, stop)
	}
	return r
}

func (r *pullRing) Run(rounds int) {
	for range rounds {
		for _, next := range r.nexts {
			next()
		}
	}
}

func (r *pullRing) Close() {
	for _, stop := range r.stops {
		stop()
	}
}

func BenchmarkPullTrampoline(b *testing.B) { benchmarkRings(b, newPullRing) }
