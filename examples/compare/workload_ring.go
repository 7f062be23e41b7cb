package main

import "greenloop/gevent"

const members = 503

var ring = workload{
	name: "thread-ring", title: "Thread ring", unit: "a pass",
	what: `
		503 members stand in a ring, each with a mailbox of one place, and pass a token; the size is the
		number of passes. The one who gets the token when none is left has won.`,
	conclusion: `
		One member runs at a time, whatever the number of cores, so that cores cannot help: what counts is
		the way from the one who puts to the one who waits. That they are 503 costs coroutines and
		goroutines next to nothing, as long as the processor's caches hold the stacks of all; with 5,000
		members a pass takes much longer.`,
	normal: sizes{full: 4_000_000, threads: 40_000, gevent: 300_000, threading: 30_000},
	quick:  sizes{full: 50_000, threads: 2_000, gevent: 2_000, threading: 2_000},
	answer: func(n int) int64 { return int64(n%members + 1) }, handovers: same,
	coroutines: ringCoroutines, goroutines: ringGoroutines,
}

func ringCoroutines(passes int) (int64, error) {
	var boxes [members]*gevent.Queue[int]
	for i := range boxes {
		boxes[i] = gevent.NewQueue[int](1)
	}
	winner := gevent.NewQueue[int64](1)
	for i, box := range boxes {
		next := boxes[(i+1)%members]
		gevent.Spawn(func() error {
			for {
				left, err := box.Get()
				if err != nil {
					return err
				}
				if left == 0 {
					return winner.Put(int64(i + 1))
				}
				if err := next.Put(left - 1); err != nil {
					return err
				}
			}
		})
	}
	if err := boxes[0].Put(passes); err != nil {
		return 0, err
	}
	return winner.Get()
}

func ringGoroutines(passes int, start starter) (int64, error) {
	var boxes [members]chan int
	for i := range boxes {
		boxes[i] = make(chan int, 1)
	}
	winner := make(chan int64, 1)
	for i, box := range boxes {
		next := boxes[(i+1)%members]
		start(func() {
			for left := range box {
				if left == 0 {
					winner <- int64(i + 1)
					return
				}
				next <- left - 1
			}
		})
	}
	boxes[0] <- passes
	return <-winner, nil
}
