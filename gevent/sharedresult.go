package gevent

import (
	"context"
	"time"

	"greenloop/sched"
)

// A SharedResult is a value, or an error, that one brings and any number wait for, each on any goroutine or in a greenlet
// of any hub. The zero value is empty; it must not be copied.
type SharedResult[T any] struct {
	room     room
	sleepers lineup
	ready    bool
	value    T
	err      error
}

// Set brings the value and wakes all who wait. The first outcome stays: between threads nobody could tell which of two
// comes. Set reports whether it was the first. Safe from any goroutine.
func (r *SharedResult[T]) Set(v T) bool { return r.bring(v, nil) }

// Fail is Set of an error, which must not be nil.
func (r *SharedResult[T]) Fail(err error) bool {
	if err == nil {
		panic("gevent: SharedResult.Fail with a nil error; use Set")
	}
	var none T
	return r.bring(none, err)
}

func (r *SharedResult[T]) bring(v T, err error) bool {
	r.room.lock()
	defer r.room.unlock()
	if r.ready {
		return false
	}
	r.ready, r.value, r.err = true, v, err
	r.room.wakeAll(&r.sleepers)
	return true
}

// Get waits for the outcome and returns it, to each caller and each time. In a greenlet the error can also be one that was
// thrown at it, or of its scope. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (r *SharedResult[T]) Get() (T, error) { return r.get(forever) }

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it only looks, after
// one Yield in a greenlet.
func (r *SharedResult[T]) GetTimeout(d time.Duration) (T, error) { return r.get(within(d)) }

// GetContext is Get that ends with ctx, and returns its cause then.
func (r *SharedResult[T]) GetContext(ctx context.Context) (T, error) { return r.get(during(ctx)) }

func (r *SharedResult[T]) get(p allowance) (T, error) {
	if err := r.room.wait(&r.sleepers, p, sched.Why("shared result"), func() bool { return r.ready }); err != nil {
		var none T
		return none, err
	}
	return r.value, r.err // nobody writes them any more
}

// Ready reports whether the outcome is there, so that Get would not wait. Safe from any goroutine.
func (r *SharedResult[T]) Ready() bool {
	r.room.lock()
	defer r.room.unlock()
	return r.ready
}

func (r *SharedResult[T]) observe(o *observer) {
	r.room.observe(&r.sleepers, o, func() bool { return r.ready })
}

func (r *SharedResult[T]) ignore(o *observer) { r.room.ignore(o) }
