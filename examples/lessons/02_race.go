// A bank account, and deposits that are made as computers make them: read the balance, work out the new one, write it.
// First by threads, then by coroutines. The atomic variable keeps each read and each write whole; it does nothing for the
// three steps together.
package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

const (
	tellers  = 8
	deposits = 500                   // by each teller
	effort   = 50 * time.Microsecond // of computing, for each deposit
)

func bankBalance(s *stage) error {
	s.say("%d tellers make %d deposits of 1 each: the balance should be %d", tellers, deposits, tellers*deposits)
	balance := withThreads()
	s.say("threads:    %5d, so %5d deposits are lost", balance, tellers*deposits-balance)
	return s.runReal(func() error {
		balance, err := withCoroutines()
		s.say("coroutines: %5d, so %5d deposits are lost", balance, tellers*deposits-balance)
		s.say("            although they have taken turns, with %d switches", gevent.GetHub().Stats().Switches)
		return err
	})
}

func withThreads() int {
	var balance atomic.Int64
	var all sync.WaitGroup
	for range tellers {
		all.Go(func() {
			runtime.LockOSThread() // a thread of its own, which ends with it
			for range deposits {
				read := balance.Load()
				compute() // meanwhile others run: on other cores, or here, when the system stops this thread
				balance.Store(read + 1)
			}
		})
	}
	all.Wait()
	return int(balance.Load())
}

func withCoroutines() (int, error) {
	balance := 0 // an ordinary variable: only one coroutine runs
	all := make([]*gevent.Greenlet, tellers)
	for i := range all {
		all[i] = gevent.Spawn(func() error {
			for range deposits {
				read := balance
				compute() // it takes as long, but nobody else runs meanwhile
				balance = read + 1
				gevent.Yield() // here, and nowhere else, the others may run
			}
			return nil
		})
	}
	err := gevent.JoinAll(all...)
	return balance, err
}

func compute() {
	for began := time.Now(); time.Since(began) < effort; {
	}
}
