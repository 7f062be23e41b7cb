package main

import (
	"greenloop/gevent"
)

const (
	pairs    = 4   // producers, and as many consumers
	capacity = 100 // of the queue between them
)

var producers = workload{
	name: "producer-consumer", title: "Producers and consumers", unit: "an item",
	what: `
		Four producers put numbers into a queue of 100 places and four consumers take them out; the size
		is the number of items. Who finds the queue full, or empty, waits.`,
	conclusion: `
		A queue with room lets a member go on without handing over, so that one switch pays for many items
		and what counts is the queue itself. A coroutine's queue has no lock, since nobody runs in the
		middle of a Put. A channel has one, which one core holds at a time, so that more of them gain little.`,
	normal:     sizes{full: 15_000_000, threads: 600_000, gevent: 1_000_000, threading: 200_000},
	quick:      sizes{full: 200_000, threads: 20_000, gevent: 4_000, threading: 4_000},
	answer:     sumTo,
	coroutines: producersCoroutines, goroutines: producersGoroutines,
}

func producersCoroutines(n int) (int64, error) {
	queue := gevent.NewQueue[int](capacity)
	var total int64
	consumers := gevent.Spawn(func() error {
		return together(pairs, func(int) error {
			for v := range queue.All() {
				total += int64(v)
			}
			return nil
		})
	})
	err := together(pairs, func(i int) error {
		for v := i + 1; v <= n; v += pairs {
			if err := queue.Put(v); err != nil {
				return err
			}
		}
		return nil
	})
	queue.Shutdown(false)
	if err != nil {
		return 0, err
	}
	return total, consumers.Get()
}

func producersGoroutines(n int, start starter) (int64, error) {
	queue := make(chan int, capacity)
	totals := make(chan int64, pairs) // one each, as two of them may add at the same time
	for range pairs {
		start(func() {
			var total int64
			for v := range queue {
				total += int64(v)
			}
			totals <- total
		})
	}
	err := start.together(pairs, func(i int) error {
		for v := i + 1; v <= n; v += pairs {
			queue <- v
		}
		return nil
	})
	close(queue)
	var total int64
	for range pairs {
		total += <-totals
	}
	return total, err
}
