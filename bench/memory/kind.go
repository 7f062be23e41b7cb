package main

import (
	"iter"
	"runtime"
	"sync/atomic"

	"greenloop/runtime/coro"
	"greenloop/sched"
)

// kind is a way to have something parked.
type kind struct {
	name string
	park func(n int, parked func()) // calls parked while n of them are
}

// kinds are measured in this order; the first is the base of the ratios.
var kinds = []kind{
	{"goroutine on a channel", parkGoroutines},
	{"iter.Pull", parkPulls},
	{"coroutine (runtime/coro)", parkCoroutines},
	{"task (sched)", parkTasks},
}

func parkGoroutines(n int, parked func()) {
	never := make(chan struct{})
	var started atomic.Int64
	for range n {
		go func() {
			started.Add(1)
			<-never
		}()
	}
	for started.Load() < int64(n) {
		runtime.Gosched()
	}
	parked()
	close(never)
}

func parkPulls(n int, parked func()) {
	stops := make([]func(), n)
	for i := range stops {
		next, stop := iter.Pull(func(yield func(struct{}) bool) { yield(struct{}{}) })
		next()
		stops[i] = stop
	}
	parked()
	for _, stop := range stops {
		stop()
	}
}

// suspended is a coroutine that has nothing of its own and goes home at once.
type suspended struct {
	coro.Coroutine
	home *coro.Coroutine
}

func (s *suspended) Run()                                { s.home.Switch() }
func (s *suspended) Finished(*coro.Exit) *coro.Coroutine { return s.home }

func parkCoroutines(n int, parked func()) {
	th := coro.Enter()
	defer th.Leave()
	all := make([]suspended, n)
	for i := range all {
		all[i].home = th.Main()
		all[i].Init(th, &all[i])
		all[i].Switch()
	}
	parked()
	for i := range all {
		all[i].Switch()
	}
}

func parkTasks(n int, parked func()) {
	s := sched.New(sched.Config{})
	body := func() { _ = s.Park(sched.Why("the end of the measurement")) }
	// Run's error could only come after parked, which does not return.
	_ = s.Run(func() {
		for range n {
			s.Spawn("parked", body)
		}
		s.Yield()
		parked()
	})
}
