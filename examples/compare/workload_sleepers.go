package main

import (
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

const (
	naps = 10
	nap  = 10 * time.Millisecond
)

var sleepers = workload{
	name: "sleepers", title: "Sleepers", unit: "a wake-up",
	what: `
		As many sleepers as the size says each sleep ten times for 10 ms. The time here is CPU time. What a
		clock shows beyond the 100 ms is no measure of the work: a hundred wake-ups fit into the sleep of
		the others, a hundred thousand do not.`,
	conclusion: `
		What it costs to have many that wait: a timer and a switch for each wake-up, a tenth of making
		each sleeper, and the memory of its stack, which is there all the time. A hub's timers all belong
		to one thread, Go's are shared out among the cores, and a thread that sleeps leaves its stack and
		its timer to the system. Go ends a program with more than 10,000 threads, and many systems allow
		fewer, hence the smaller size.`,
	normal:     sizes{full: 10_000, threads: 1_000, gevent: 10_000, threading: 1_000},
	quick:      sizes{full: 1_000, threads: 100, gevent: 500, threading: 50},
	answer:     func(n int) int64 { return naps * int64(n) },
	operations: func(n int) int64 { return naps * int64(n) },
	cpuTime:    true,
	coroutines: sleepersCoroutines, goroutines: sleepersGoroutines,
}

func sleepersCoroutines(n int) (int64, error) {
	var woken int64
	err := together(n, func(int) error {
		for range naps {
			if err := gevent.Sleep(nap); err != nil {
				return err
			}
			woken++
		}
		return nil
	})
	return woken, err
}

func sleepersGoroutines(n int, start starter) (int64, error) {
	var woken atomic.Int64
	err := start.together(n, func(int) error {
		for range naps {
			time.Sleep(nap)
			woken.Add(1)
		}
		return nil
	})
	return woken.Load(), err
}
