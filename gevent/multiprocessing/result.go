package multiprocessing

import (
	"time"

	"greenloop/gevent"
)

// A Result is that of a call whose caller does not wait for it: see ApplyAsync and MapAsync of a Func. It is a
// gevent.Waitable. All its methods are for the hub's thread.
type Result[R any] struct {
	waitable
	done  gevent.Event
	value R
	err   error
}

func newResult[R any]() *Result[R] {
	r := new(Result[R])
	r.waitable = &r.done
	return r
}

// end calls the callback or the errback and then makes the result ready.
func (r *Result[R]) end(value R, err error, callback func(R), errback func(error)) {
	r.value, r.err = value, err
	switch {
	case err == nil && callback != nil:
		r.endAfter(func() { callback(value) })
	case err != nil && errback != nil:
		r.endAfter(func() { errback(err) })
	default:
		r.done.Set()
	}
}

func (r *Result[R]) endAfter(fn func()) {
	gevent.SpawnNamed("callback of a pool", func() error {
		defer r.done.Set() // also after a panic
		fn()
		return nil
	})
}

// Get waits for the result and returns it, each time. Its errors are those of the call, or one thrown at the greenlet;
// the call goes on then. Parks. Hub thread only.
func (r *Result[R]) Get() (R, error) {
	if err := r.done.Wait(); err != nil {
		return *new(R), err
	}
	return r.value, r.err
}

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (r *Result[R]) GetTimeout(d time.Duration) (R, error) {
	if err := r.done.WaitTimeout(d); err != nil {
		return *new(R), err
	}
	return r.value, r.err
}

// Wait waits for the result, whatever it is. The error is one thrown at the greenlet. Parks. Hub thread only.
func (r *Result[R]) Wait() error { return r.done.Wait() }

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (r *Result[R]) WaitTimeout(d time.Duration) error { return r.done.WaitTimeout(d) }

// Ready reports whether the result is there. Hub thread only.
func (r *Result[R]) Ready() bool { return r.done.IsSet() }

// Successful reports whether the call ended without an error. It panics if the result is not there yet. Hub thread only.
func (r *Result[R]) Successful() bool {
	if !r.Ready() {
		panic("mp: Successful of a Result that is not ready")
	}
	return r.err == nil
}

// Err returns the error of the call, nil as long as there is none. Hub thread only.
func (r *Result[R]) Err() error {
	if !r.Ready() {
		return nil
	}
	return r.err
}
