package gevent

import (
	"errors"
	"runtime/debug"
	"sync"

	"greenloop/sched"
)

// offload runs fn, which may block, on a goroutine of its own while the current greenlet waits. If the wait ends early
// (a kill, an error thrown), fn goes on by itself and its result is dropped; undo, unless nil, is then called with it.
// A panic of fn is returned as a *PanicError.
func offload[T any](h *Hub, why sched.Reason, fn func() (T, error), undo func(T)) (T, error) {
	o := &offloaded[T]{err: errors.New("gevent: the offloaded function called runtime.Goexit"), undo: undo}
	ticket, arrived := h.sched.Ticket(), false
	release := h.sched.Hold()
	defer o.leave() // also if we are killed meanwhile
	go func() {
		defer release()
		defer func() {
			if v := recover(); v != nil {
				o.err = &PanicError{Value: v, Stack: debug.Stack()}
			}
			if o.leave() {
				h.sched.Post(func() {
					arrived = true
					ticket.Ready()
				})
			}
		}()
		o.value, o.err = fn()
	}()
	for !arrived { // somebody else may make us ready
		ticket = h.sched.Ticket()
		if err := h.sched.Park(why); err != nil {
			var none T
			return none, err
		}
	}
	o.taken = true
	return o.value, o.err
}

// An offloaded is the outcome of a function, between the goroutine that runs it and the greenlet that waits for it. Both
// leave once; what counts is who is last, since a hub that ends no longer runs what is posted to it.
type offloaded[T any] struct {
	mu    sync.Mutex
	left  bool // one of the two has
	taken bool // the greenlet has the outcome
	value T
	err   error
	undo  func(T)
}

// leave reports whether the other one is still there. The last one drops what nobody has taken.
func (o *offloaded[T]) leave() (first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.left {
		o.left = true
		return true
	}
	if !o.taken && o.err == nil && o.undo != nil {
		o.undo(o.value)
	}
	return false
}
