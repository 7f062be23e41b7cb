package main

import (
	"errors"
	"sync"

	"greenloop/gevent"
)

// A workload is one piece of work, written for coroutines and for goroutines; python/NAME.py has it for Python.
type workload struct {
	name, title      string
	unit             string // what one operation is
	what, conclusion string
	normal, quick    sizes

	answer     func(n int) int64 // what the work of size n must return
	operations func(n int) int64 // nil: n
	handovers  func(n int) int64 // from one member to another; nil: not known
	asked      bool              // coroutines, and greenlets in Python, ask for each: one more hand-over
	byHand     bool              // its coroutines switch by hand, which the hub does not count
	cpuTime    bool              // its time is CPU time, as it sleeps for most of the rest

	coroutines func(n int) (int64, error)                // in a greenlet of a hub
	goroutines func(n int, start starter) (int64, error) // in a goroutine that start has started
}

// workloads is all that there are, in the order of the report.
var workloads = []*workload{
	&pingPong, &ring, &skynet, &sieve, &producers, &sleepers, &philosophers, &echo, &cpuSum,
}

// sizes is how large a workload is: the full size, and those for the runtimes that would take minutes for it, or cannot do
// it at all.
type sizes struct{ full, threads, gevent, threading int }

func (s sizes) of(c contender) int {
	switch c.name {
	case "threads":
		return s.threads
	case "gevent":
		return s.gevent
	case "threading":
		return s.threading
	}
	return s.full
}

func (w *workload) operationsOf(n int) int64 {
	if w.operations == nil {
		return int64(n)
	}
	return w.operations(n)
}

// A starter begins fn beside its caller: as a goroutine, or on an OS thread.
type starter func(fn func())

// together starts n members and waits for all of them.
func (start starter) together(n int, member func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	all.Add(n)
	for i := range n {
		start(func() {
			defer all.Done()
			errs[i] = member(i)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// together is the same for greenlets.
func together(n int, member func(i int) error) error {
	all := make([]*gevent.Greenlet, n)
	for i := range all {
		all[i] = gevent.Spawn(func() error { return member(i) })
	}
	return gevent.JoinAll(all...)
}

// sumTo is the sum of 1 to n.
func sumTo(n int) int64 { return int64(n) * int64(n+1) / 2 }

func same(n int) int64 { return int64(n) }
