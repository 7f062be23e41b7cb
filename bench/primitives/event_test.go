package primitives

import (
	"sync"
	"testing"

	"greenloop/gevent"
)

// One op is one of those who wait, woken, and back to wait for the next event.
var event = compare("Event", 1_000,
	greenlets("greenloop", eventGreen),
	goroutines("go", eventClose),
	goroutines("go=Broadcast", eventBroadcast))

func BenchmarkEvent(b *testing.B) { event.bench(b) }

func eventGreen(j job) (done int) {
	var events [2]gevent.Event // one for the even rounds
	var arrived, ended gevent.WaitGroup
	arrived.Add(j.size)
	for range j.size {
		ended.Go(func() error {
			for i := range j.rounds {
				arrived.Done()
				if err := events[i%2].Wait(); err != nil {
					return err
				}
				done++
			}
			return nil
		})
	}
	must(arrived.Wait())
	j.begin()
	for i := range j.rounds {
		must(arrived.Wait()) // at once in the first round
		arrived.Add(j.size)
		events[(i+1)%2].Clear()
		events[i%2].Set()
	}
	must(ended.Wait())
	return done
}

func eventClose(j job) int {
	events := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	var arrived, ended sync.WaitGroup
	counts := make([]int, j.size)
	arrived.Add(j.size)
	for n := range counts {
		ended.Go(func() {
			for i := range j.rounds {
				arrived.Done()
				<-events[i%2]
				counts[n]++
			}
		})
	}
	arrived.Wait()
	j.begin()
	for i := range j.rounds {
		arrived.Wait()
		arrived.Add(j.size)
		if i > 0 { // all have gone by the one before
			events[(i+1)%2] = make(chan struct{})
		}
		close(events[i%2])
	}
	ended.Wait()
	return sum(counts)
}

func eventBroadcast(j job) (done int) {
	var mu sync.Mutex
	event, round := sync.NewCond(&mu), 0
	var arrived, ended sync.WaitGroup
	arrived.Add(j.size)
	for range j.size {
		ended.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for i := range j.rounds {
				arrived.Done()
				for round == i {
					event.Wait()
				}
				done++
			}
		})
	}
	arrived.Wait()
	j.begin()
	for range j.rounds {
		arrived.Wait()
		arrived.Add(j.size)
		mu.Lock()
		round++
		event.Broadcast()
		mu.Unlock()
	}
	ended.Wait()
	return done
}

func sum(counts []int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}
