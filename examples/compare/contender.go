package main

import (
	"runtime"
)

// A contender is one runtime that does the workloads.
type contender struct {
	name, title string
	procs       string  // GOMAXPROCS of its processes; "": as Go chooses, which is all cores
	start       starter // nil: coroutines, or not Go
	python      bool    // or else Go
}

// contenders is all that there are, in the order of the tables.
var contenders = []contender{
	{name: "coroutines", title: "greenloop: one hub on one thread, GOMAXPROCS=1", procs: "1"},
	{name: "goroutines-1", title: "goroutines with GOMAXPROCS=1", procs: "1", start: goroutine},
	{name: "goroutines", title: "goroutines on all cores", start: goroutine},
	{name: "threads", title: "OS threads: goroutines, each locked to a thread of its own", start: thread},
	{name: "gevent", title: "Python's gevent and greenlet", python: true},
	{name: "threading", title: "Python's threads", python: true},
}

func goroutine(fn func()) { go fn() }

// thread runs fn on an OS thread that nobody else uses. A goroutine that ends locked takes its thread with it.
func thread(fn func()) {
	go func() {
		runtime.LockOSThread()
		fn()
	}()
}
