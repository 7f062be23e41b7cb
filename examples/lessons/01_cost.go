// Four ways to have several things going on, and what each costs: a process, a thread, a goroutine, a coroutine. Many are
// started, each until it runs, and wait while their memory is counted. Then control goes to and fro between two of them.
package main

import (
	"errors"
	"runtime"
	"sync"
	"time"

	"greenloop/gevent"
)

func costs(s *stage) error {
	c, err := ofProcesses(10, 2000)
	if err != nil {
		s.say("process     not measured here: %v", err)
	} else {
		s.say("process     start %9d ns   switch %6d ns   memory %8d bytes", c.start, c.change, c.memory)
	}
	c = ofGoroutines(100, runtime.LockOSThread) // each has a thread of its own, which ends with it
	if c.change, err = betweenThreads(2000); err != nil {
		return err
	}
	s.say("thread      start %9d ns   switch %6d ns   memory %8d bytes", c.start, c.change, c.memory)
	c = ofGoroutines(10_000, func() {})
	c.change = betweenGoroutines(20_000)
	s.say("goroutine   start %9d ns   switch %6d ns   memory %8d bytes", c.start, c.change, c.memory)
	err = s.runReal(func() error { c, err = ofCoroutines(10_000, 20_000); return err })
	s.say("coroutine   start %9d ns   switch %6d ns   memory %8d bytes", c.start, c.change, c.memory)
	return err
}

// ofGoroutines keeps n goroutines, each of which calls begin first.
func ofGoroutines(n int, begin func()) (c cost) {
	before, began := memory(), time.Now()
	runs, end := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	for range n {
		all.Go(func() { begin(); runs <- true; <-end })
		<-runs
	}
	c.start, c.memory = each(began, n), (memory()-before)/n
	close(end)
	all.Wait()
	return c
}

func betweenGoroutines(rounds int) int {
	ping, pong, began := make(chan bool), make(chan bool), time.Now()
	go func() {
		for range ping {
			pong <- true
		}
	}()
	for range rounds {
		ping <- true // nobody goes on before the other has it: that is a switch
		<-pong       // and that is one back
	}
	close(ping)
	return each(began, 2*rounds)
}

// ofCoroutines keeps n greenlets, and lets one of them and its caller take turns.
func ofCoroutines(n, rounds int) (c cost, err error) {
	var end gevent.Event
	before, began := memory(), time.Now()
	all := make([]*gevent.Greenlet, n)
	for i := range all {
		all[i] = gevent.Spawn(end.Wait)
		gevent.Yield() // it runs until it waits
	}
	c.start, c.memory = each(began, n), (memory()-before)/n
	end.Set()
	err = gevent.JoinAll(all...)
	other, began := gevent.Spawn(func() error { return yields(rounds) }), time.Now()
	_ = yields(rounds)
	c.change = each(began, 2*rounds)
	return c, errors.Join(err, other.Get())
}
