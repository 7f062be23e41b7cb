// Who gets the CPU? In a cooperative program whoever has it keeps it until it gives it up: Yield goes to the end of the
// queue. A system with time slices takes it away. A letter is a piece of work, done by the greenlet of that name.
package main

import (
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

func fairness(s *stage) error {
	for _, c := range []struct{ a, b, c int }{{6, 6, 6}, {1, 1, 1}, {3, 1, 1}} {
		order, err := turns(s, c.a, c.b, c.c)
		if err != nil {
			return err
		}
		s.say("Yield after %d, %d and %d pieces: %s", c.a, c.b, c.c, order)
	}
	s.say("A greedy loop, and a modest one that would stop it:")
	s.say("    time slices: the modest one runs after %4d ms and stops the greedy one", greedyGoroutine().Milliseconds())
	return s.runReal(func() error {
		waited, err := greedyGreenlet()
		s.say("    cooperation: the modest one runs after %4d ms, when the greedy one has ended", waited.Milliseconds())
		return err
	})
}

// turns returns who did a piece of work when. Each greenlet has six to do, and yields after as many as it is told.
func turns(s *stage, pieces ...int) (string, error) {
	var order strings.Builder
	err := s.run(func() error {
		all := make([]*gevent.Greenlet, len(pieces))
		for i, n := range pieces {
			all[i] = gevent.Spawn(func() error {
				for done := 1; done <= 6; done++ {
					order.WriteByte("ABC"[i])
					if done%n == 0 {
						gevent.Yield()
					}
				}
				return nil
			})
		}
		return gevent.JoinAll(all...)
	})
	return order.String(), err
}

const patience = 300 * time.Millisecond // then the greedy one has enough

func greedy(stop *atomic.Bool) {
	for began := time.Now(); !stop.Load() && time.Since(began) < patience; {
	}
}

// greedyGoroutine returns how long a goroutine waited for the only processor that a greedy one had.
func greedyGoroutine() time.Duration {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var stop atomic.Bool
	runs, ended := make(chan time.Time), make(chan bool)
	go func() { runs <- time.Now(); greedy(&stop); close(ended) }()
	waited := time.Since(<-runs) // from the other's last breath to ours lies a time slice of Go's scheduler
	stop.Store(true)
	<-ended
	return waited
}

// greedyGreenlet returns how long a greenlet waited for the thread that a greedy one had.
func greedyGreenlet() (waited time.Duration, err error) {
	var stop atomic.Bool
	began := time.Now()
	first := gevent.Spawn(func() error { greedy(&stop); return nil })
	second := gevent.Spawn(func() error { waited = time.Since(began); stop.Store(true); return nil })
	err = gevent.JoinAll(first, second)
	return waited, err
}
