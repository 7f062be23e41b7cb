package main

import "greenloop/gevent"

var skynet = workload{
	name: "skynet", title: "Skynet", unit: "a task",
	what: `
		A task makes ten, each of which makes ten, down to the leaves, of which there are as many as the
		size says; each leaf returns its number, and each other task the sum of its ten.`,
	conclusion: `
		What it costs to make a task, to let it run, and to hand back what it found. Several cores can
		make and run tasks at the same time, one hub cannot. The memory is that of the tasks which are
		there at once, and so a matter of order. A hub runs what is ready strictly in turn, level by
		level, so that nearly all the leaves have been made before the first of them runs, and each has a
		handle with a result of its own. That takes time, too: with so much alive, about half of it is the
		garbage collector's. Go lets the newest goroutine run next, so that some branches are done before
		others have begun. A thread costs a call of the system to make and another one to end,
		which is why nobody makes a million.`,
	normal: sizes{full: 1_000_000, threads: 1_000, gevent: 100_000, threading: 1_000},
	quick:  sizes{full: 10_000, threads: 100, gevent: 1_000, threading: 100},
	answer: func(leaves int) int64 { return sumTo(leaves - 1) },
	operations: func(leaves int) int64 { // the leaves and a ninth of that above them, in all 1 + 10 + 100 …
		return int64(10*leaves-1) / 9
	},
	coroutines: func(leaves int) (int64, error) { return skynetCoroutines(0, leaves) },
	goroutines: func(leaves int, start starter) (int64, error) {
		sum := make(chan int64, 1)
		start(func() { skynetGoroutines(0, leaves, start, sum) })
		return <-sum, nil
	},
}

func skynetCoroutines(first, leaves int) (int64, error) {
	if leaves == 1 {
		return int64(first), nil
	}
	var children [10]*gevent.Result[int64]
	for i := range children {
		children[i] = gevent.Go(func() (int64, error) { return skynetCoroutines(first+i*leaves/10, leaves/10) })
	}
	var sum int64
	for _, child := range children {
		part, err := child.Get()
		if err != nil {
			return 0, err
		}
		sum += part
	}
	return sum, nil
}

func skynetGoroutines(first, leaves int, start starter, result chan<- int64) {
	if leaves == 1 {
		result <- int64(first)
		return
	}
	parts := make(chan int64, 10)
	for i := range 10 {
		start(func() { skynetGoroutines(first+i*leaves/10, leaves/10, start, parts) })
	}
	var sum int64
	for range 10 {
		sum += <-parts
	}
	result <- sum
}
