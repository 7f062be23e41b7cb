package gevent

import (
	"os"
	"os/signal"

	"greenloop/sched"
)

// WaitSignal waits until the process gets one of the signals, whose default effect is off meanwhile, and returns it. Its
// error is one thrown at the greenlet. Parks. Hub thread only.
func WaitSignal(signals ...os.Signal) (os.Signal, error) {
	h := current("WaitSignal")
	incoming := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(incoming, signals...)
	release := h.sched.Hold() // it may come at any time: waiting for it is no deadlock
	defer func() {
		signal.Stop(incoming)
		close(done)
		release()
	}()
	var got os.Signal
	ticket := h.sched.Ticket()
	go func() {
		select {
		case sig := <-incoming:
			h.sched.Post(func() {
				got = sig
				ticket.Ready()
			})
		case <-done:
		}
	}()
	for got == nil { // somebody else may make us ready
		ticket = h.sched.Ticket()
		if err := h.sched.Park(sched.Why("signal")); err != nil {
			return nil, err
		}
	}
	return got, nil
}
