package main

import "greenloop/greenlet"

var pingPong = workload{
	name: "ping-pong", title: "Ping-pong", unit: "a hit",
	what: `
		Two players hit a ball to one another; the size is the number of hits. Nothing is done but to hand
		over.`,
	conclusion: `
		This is the bare cost of handing over. A coroutine names who runs next, and the switch is all
		there is. A goroutine puts the ball into a channel and goes through Go's scheduler; with several
		cores the other player may be woken on another one. A thread has to be woken by the system for
		each hit. These are threads of Go, and a goroutine that is locked to one still goes through Go's
		scheduler: some three switches of the system for a hit, where a thread of a C program has one or
		two and takes about half the time.`,
	normal: sizes{full: 6_000_000, threads: 60_000, gevent: 6_000_000, threading: 80_000},
	quick:  sizes{full: 100_000, threads: 2_000, gevent: 50_000, threading: 2_000},
	answer: same, handovers: same, byHand: true,
	coroutines: pingPongCoroutines, goroutines: pingPongGoroutines,
}

// The players name one another. Only one of them runs at a time, so that the ball is a plain variable.
func pingPongCoroutines(n int) (int64, error) {
	hits := 0
	var ping, pong *greenlet.Greenlet
	player := func(other **greenlet.Greenlet) *greenlet.Greenlet {
		return greenlet.New(func(...any) (any, error) {
			for hits < n {
				hits++
				if _, err := (*other).Switch(); err != nil {
					return nil, err
				}
			}
			return nil, nil // to the greenlet that has made both
		})
	}
	ping, pong = player(&pong), player(&ping)
	_, err := ping.Switch()
	return int64(hits), err
}

// Each player has a channel in which the ball arrives.
func pingPongGoroutines(n int, start starter) (int64, error) {
	ping, pong, last := make(chan int), make(chan int), make(chan int)
	player := func(in <-chan int, out chan<- int) {
		for hits := range in {
			if hits == n {
				last <- hits
				return
			}
			out <- hits + 1
		}
	}
	start(func() { player(ping, pong) })
	start(func() { player(pong, ping) })
	ping <- 1
	hits := <-last
	close(ping)
	close(pong)
	return int64(hits), nil
}
