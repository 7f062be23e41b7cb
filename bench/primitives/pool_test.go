package primitives

import (
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"greenloop/gevent"
)

// workers is how many of a pool work at a time.
const workers = 16

// One op is one of a thousand small jobs, which lets the others run once, done by a pool that gives all results in order.
var poolMap = compare("PoolMap", 1_000,
	greenlets("greenloop", poolMapGreen),
	goroutines("go", errgroupGo))

func BenchmarkPoolMap(b *testing.B) { poolMap.bench(b) }

func poolMapGreen(j job) (done int) {
	items := make([]int, j.size)
	pool := gevent.NewPool(workers)
	j.begin()
	for range j.rounds {
		results, err := gevent.Map(pool, slices.Values(items), func(int) (int, error) {
			gevent.Yield()
			return 1, nil
		})
		must(err)
		done += sum(results)
	}
	return done
}

func errgroupGo(j job) (done int) {
	items := make([]int, j.size)
	j.begin()
	for range j.rounds {
		results := make([]int, j.size)
		var g errgroup.Group
		g.SetLimit(workers)
		for i, item := range items {
			g.Go(func() error {
				runtime.Gosched()
				results[i] = item + 1
				return nil
			})
		}
		must(g.Wait())
		done += sum(results)
	}
	return done
}
