package multiprocessing

import (
	"errors"
	"time"

	"greenloop/gevent"
)

// A Locker is a Lock or an RLock, for a Condition.
type Locker interface {
	Acquire() error
	AcquireTimeout(d time.Duration) error
	TryAcquire() (bool, error)
	Release() error
	With(fn func() error) error
	Locked() bool
	Close() error
	GobEncode() ([]byte, error)
	GobDecode(b []byte) error

	held() bool                                // by the caller, as far as the lock tells callers apart
	depth() int64                              // how often the caller, who holds it, has acquired it
	drop()                                     // releases it, however often that was
	regain(d time.Duration, depth int64) error // acquires it as often, which is one wait
	another() (handle Locker, err error)       // of the same lock
}

// with calls fn between Acquire and Release.
func with(l interface {
	Acquire() error
	Release() error
}, fn func() error) (err error) {
	err = l.Acquire()
	if err != nil && !errors.Is(err, ErrHolderDied) {
		return err
	}
	defer func() { err = both(err, l.Release()) }()
	if err != nil {
		return err
	}
	return fn()
}

// tried makes what TryAcquire returns of the error of an acquire that has waited for nothing.
func tried(err error) (bool, error) {
	switch {
	case err == nil, errors.Is(err, ErrHolderDied):
		return true, err
	case err == gevent.ErrTimeout:
		return false, nil
	}
	return false, err
}

// both joins errors if there are two: one alone is returned as it is.
func both(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return errors.Join(a, b)
}
