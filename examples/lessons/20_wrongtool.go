// When coroutines are the wrong tool: those of one hub share one thread, so together they compute no faster than one of them
// alone, and a call that blocks the thread stops them all. For both there is something better.
package main

import (
	"errors"
	"runtime"
	"sync"
	"time"

	"greenloop/gevent"
)

const parts = 4 // of the work

func wrongTool(s *stage) (err error) {
	hub := func(fn func()) func() { // calls fn for each part, in a greenlet of its own
		return func() {
			err = errors.Join(err, s.runReal(func() error {
				var all gevent.Group
				for range parts {
					all.Spawn(func() error { fn(); return nil })
				}
				return all.Get()
			}))
		}
	}

	s.say("Computing, in %d parts; Go may use %d cores of this machine:", parts, runtime.GOMAXPROCS(0))
	s.say("    one part after another:       %d ms", milliseconds(func() {
		for range parts {
			collatz()
		}
	}))
	s.say("    a greenlet for each part:     %d ms", milliseconds(hub(collatz)))
	s.say("    a goroutine for each part:    %d ms", milliseconds(func() {
		var all sync.WaitGroup
		for range parts {
			all.Go(collatz)
		}
		all.Wait()
	}))
	s.say("    greenlets that call Offload:  %d ms", milliseconds(hub(outside(collatz))))

	s.say("A library that blocks its thread for 50 ms, called by %d greenlets:", parts)
	s.say("    called as it is:              %d ms", milliseconds(hub(library)))
	s.say("    called through Offload:       %d ms", milliseconds(hub(outside(library))))
	return err
}

// collatz walks the Collatz sequences of the first numbers. It never waits.
func collatz() {
	for n := range 150_000 {
		for n > 1 {
			if n%2 == 0 {
				n /= 2
			} else {
				n = 3*n + 1
			}
		}
	}
}

func library() { time.Sleep(50 * time.Millisecond) } // such as a driver that knows nothing of the hub

// outside runs fn on a goroutine outside the hub. Meanwhile its greenlet waits, and others run.
func outside(fn func()) func() {
	return func() { _, _ = gevent.Offload(func() (any, error) { fn(); return nil, nil }) }
}

// milliseconds returns the best of three, as other programs use the machine, too.
func milliseconds(fn func()) int64 {
	best := time.Hour
	for range 3 {
		began := time.Now()
		fn()
		best = min(best, time.Since(began))
	}
	return best.Milliseconds()
}
