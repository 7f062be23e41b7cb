package primitives

import (
	"sync"
	"testing"

	"greenloop/gevent"
)

// One op is one greenlet or goroutine, made and waited for.
var (
	spawnOne = compare("Spawn", 1, spawns()...)
	// So many are made before any is waited for.
	spawnBatch = compare("SpawnBatch", 1_000, spawns()...)
)

func BenchmarkSpawn(b *testing.B)      { spawnOne.bench(b) }
func BenchmarkSpawnBatch(b *testing.B) { spawnBatch.bench(b) }

func spawns() [][]way {
	return [][]way{
		greenlets("greenloop", spawnJoin),
		greenlets("greenloop=Go", goGet),
		greenlets("greenloop=WaitGroup", spawnCounted),
		goroutines("go", goCounted),
		goroutines("go=result", goResult),
	}
}

func spawnJoin(j job) (done int) {
	body := func() error {
		done++
		return nil
	}
	spawned := make([]*gevent.Greenlet, j.size)
	j.begin()
	for range j.rounds {
		for i := range spawned {
			spawned[i] = gevent.Spawn(body)
		}
		for _, g := range spawned {
			must(g.Join())
		}
	}
	return done
}

func goGet(j job) (done int) {
	body := func() (int, error) { return 1, nil }
	spawned := make([]*gevent.Result[int], j.size)
	j.begin()
	for range j.rounds {
		for i := range spawned {
			spawned[i] = gevent.Go(body)
		}
		for _, g := range spawned {
			v, err := g.Get()
			must(err)
			done += v
		}
	}
	return done
}

func spawnCounted(j job) (done int) {
	var ended gevent.WaitGroup
	body := func() error {
		done++
		return nil
	}
	j.begin()
	for range j.rounds {
		for range j.size {
			ended.Go(body)
		}
		must(ended.Wait())
	}
	return done
}

// goCounted has each goroutine count in a place of its own: they may run side by side.
func goCounted(j job) (done int) {
	var ended sync.WaitGroup
	counts := make([]int, j.size)
	j.begin()
	for range j.rounds {
		for i := range counts {
			ended.Go(func() { counts[i]++ })
		}
		ended.Wait()
	}
	for _, n := range counts {
		done += n
	}
	return done
}

// goResult is how a goroutine gives back a value.
func goResult(j job) (done int) {
	results := make([]chan int, j.size)
	j.begin()
	for range j.rounds {
		for i := range results {
			c := make(chan int, 1)
			go func() { c <- 1 }()
			results[i] = c
		}
		for _, c := range results {
			done += <-c
		}
	}
	return done
}
