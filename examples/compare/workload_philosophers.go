package main

import (
	"errors"
	"runtime"
	"sync"

	"greenloop/gevent"
)

const seats = 5

var philosophers = workload{
	name: "philosophers", title: "Dining philosophers", unit: "a meal",
	what: `
		Five philosophers sit around a table with a fork between every two, and need both forks to eat.
		While one eats, the others may run. Each takes the fork with the lower number first, so that they
		never all wait for one another. The size is the number of meals.`,
	conclusion: `
		Two locks for each meal, which others want at the same time. A coroutine's lock is handed to who
		has waited longest, so that all eat in turn, with some two switches for each meal. A mutex may be
		taken again by who has just released it. Then who was woken for it wakes in vain and waits again:
		that is less just, and saves no hand-over here, where goroutines too have two or more for each
		meal. For threads each wait for a fork is a wait in the system.`,
	normal:     sizes{full: 1_500_000, threads: 30_000, gevent: 100_000, threading: 15_000},
	quick:      sizes{full: 50_000, threads: 2_000, gevent: 1_000, threading: 1_000},
	answer:     same,
	coroutines: philosophersCoroutines, goroutines: philosophersGoroutines,
}

// errFork is a lock that does not lock.
var errFork = errors.New("a fork is in two hands")

// forksOf returns the forks at a seat, in the order in which they are to be taken.
func forksOf(seat int) (lower, higher int) {
	left, right := seat, (seat+1)%seats
	return min(left, right), max(left, right)
}

func philosophersCoroutines(meals int) (eaten int64, err error) {
	var forks [seats]gevent.Lock
	var taken [seats]bool
	eat := func(lower, higher int) error {
		if taken[lower] || taken[higher] {
			return errFork
		}
		taken[lower], taken[higher] = true, true
		gevent.Yield()
		taken[lower], taken[higher] = false, false
		eaten++
		return nil
	}
	err = together(seats, func(seat int) error {
		lower, higher := forksOf(seat)
		for range meals / seats {
			err := forks[lower].With(func() error {
				return forks[higher].With(func() error { return eat(lower, higher) })
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return eaten, err
}

func philosophersGoroutines(meals int, start starter) (int64, error) {
	var forks [seats]sync.Mutex
	var taken [seats]bool
	var eaten [seats]int64 // by each, as two of them may eat at the same time
	err := start.together(seats, func(seat int) error {
		lower, higher := forksOf(seat)
		for range meals / seats {
			forks[lower].Lock()
			forks[higher].Lock()
			if taken[lower] || taken[higher] {
				return errFork
			}
			taken[lower], taken[higher] = true, true
			runtime.Gosched()
			taken[lower], taken[higher] = false, false
			eaten[seat]++
			forks[higher].Unlock()
			forks[lower].Unlock()
		}
		return nil
	})
	return eaten[0] + eaten[1] + eaten[2] + eaten[3] + eaten[4], err
}
