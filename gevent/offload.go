package gevent

import (
	"errors"
	"runtime/debug"

	"greenloop/sched"
)

// offload runs fn, which may block, on a goroutine of its own while the current greenlet waits. If the wait ends early
// (a kill, an error thrown), fn goes on by itself and its result is dropped; undo, unless nil, is then called with it.
// A panic of fn is returned as a *PanicError.
func offload[T any](h *Hub, why sched.Reason, fn func() (T, error), undo func(T)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	var result outcome
	ticket := h.sched.Ticket()
	release := h.sched.Hold()
	go func() {
		o := outcome{err: errors.New("gevent: the offloaded function called runtime.Goexit")}
		defer release()
		defer func() {
			if v := recover(); v != nil {
				o.err = &PanicError{Value: v, Stack: debug.Stack()}
			}
			drop := func() {
				if undo != nil && o.err == nil {
					undo(o.value)
				}
			}
			posted := h.sched.Post(func() {
				if ticket.Ready() {
					result = o
				} else {
					drop()
				}
			})
			if !posted {
				drop()
			}
		}()
		o.value, o.err = fn()
	}()
	if err := h.sched.Park(why); err != nil {
		return result.value, err
	}
	return result.value, result.err
}
