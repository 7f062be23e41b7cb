package gevent

import (
	"time"

	"greenloop/sched"
)

// An AsyncResult is a value, or an error, that one greenlet sets and others wait for. The zero value is unset. It must
// not be copied.
type AsyncResult[T any] struct {
	home
	ready   bool
	value   T
	err     error
	waiters sched.WaitQueue
	observers
}

const awaitingResult = sched.Why("result")

// Set sets the value and wakes all that wait, in the order of their calls. A result that is set already is overwritten:
// who asks from now on, and who was woken and has not run yet, gets the new one. Hub thread only.
func (r *AsyncResult[T]) Set(value T) {
	r.at("AsyncResult.Set")
	r.settled(value, nil)
}

// SetError is Set for an outcome that is an error, which must not be nil. Hub thread only.
func (r *AsyncResult[T]) SetError(err error) {
	r.at("AsyncResult.SetError")
	if err == nil {
		panic("gevent: AsyncResult.SetError with a nil error; call Set with the value")
	}
	var none T
	r.settled(none, err)
}

// Follow has r set to how g ends, in whatever way, also if it has ended already: to its value, or to the error that Err
// tells. It is a link like others: what it returns can be undone before. Hub thread only.
func (r *AsyncResult[T]) Follow(g *Result[T]) *Link {
	r.at("AsyncResult.Follow")
	return g.Link(func(*Greenlet) {
		if err := g.Err(); err != nil {
			r.SetError(err)
			return
		}
		r.Set(g.value)
	})
}

func (r *AsyncResult[T]) settled(value T, err error) {
	r.value, r.err, r.ready = value, err, true
	r.waiters.WakeAll()
	r.tell()
}

// Get waits until the result is set and returns it, to each caller and each time. If the wait itself is ended by an error
// thrown at the caller, that is returned. Parks. Hub thread only.
func (r *AsyncResult[T]) Get() (T, error) {
	return r.get(r.wait(r.at("AsyncResult.Get"), sched.Never))
}

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets all
// run that is ready. Parks. Hub thread only.
func (r *AsyncResult[T]) GetTimeout(d time.Duration) (T, error) {
	return r.get(r.waitTimeout(r.at("AsyncResult.GetTimeout"), d))
}

func (r *AsyncResult[T]) get(failed error) (T, error) {
	if failed != nil {
		var none T
		return none, failed
	}
	return r.value, r.err
}

// TryGet returns what Get does if the result is set, and ok false if not. It does not wait. Hub thread only.
func (r *AsyncResult[T]) TryGet() (value T, err error, ok bool) { //nolint:revive,staticcheck // ok comes last, as elsewhere
	r.at("AsyncResult.TryGet")
	return r.value, r.err, r.ready
}

// Wait waits until the result is set, whatever it is. Its own error is that of the wait, thrown at the caller. Parks. Hub
// thread only.
func (r *AsyncResult[T]) Wait() error { return r.wait(r.at("AsyncResult.Wait"), sched.Never) }

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (r *AsyncResult[T]) WaitTimeout(d time.Duration) error {
	return r.waitTimeout(r.at("AsyncResult.WaitTimeout"), d)
}

func (r *AsyncResult[T]) waitTimeout(h *Hub, d time.Duration) error {
	if d <= 0 {
		return h.chance(r.Ready)
	}
	return r.wait(h, h.sched.After(d))
}

func (r *AsyncResult[T]) wait(h *Hub, deadline time.Duration) error {
	h.atOnce()
	for !r.ready {
		if err := r.waiters.WaitUntil(h.sched, awaitingResult, deadline); err != nil {
			return err
		}
	}
	return nil
}

// Ready reports whether the result is set. Hub thread only.
func (r *AsyncResult[T]) Ready() bool { return r.ready }

// Successful reports whether the result is set, and is a value. Hub thread only.
func (r *AsyncResult[T]) Successful() bool { return r.ready && r.err == nil }

// Value returns the value, the zero value of T as long as there is none. Hub thread only.
func (r *AsyncResult[T]) Value() T { return r.value }

// Err returns the error, nil as long as there is none. Hub thread only.
func (r *AsyncResult[T]) Err() error { return r.err }

func (r *AsyncResult[T]) observe(o *observer) {
	r.at("Wait")
	r.add(o)
	if r.ready {
		r.tell()
	}
}

func (r *AsyncResult[T]) ignore(o *observer) { r.remove(o) }
