package gevent

import (
	"context"
	"time"

	"greenloop/sched"
)

// A SharedEvent is a flag to wait for, for any goroutine and for greenlets of any hub. The zero value is clear; it must
// not be copied. Where all who use it are greenlets of one hub, Event is the cheaper one, and its order is exact.
type SharedEvent struct {
	room     room
	sleepers lineup
	set      bool
	sets     uint64 // how many there were: who waited during one has been woken, whatever came after
}

// Set sets the flag and wakes all who wait, in the order in which they came. They have seen it set even if it is cleared
// before they run. Setting it again does nothing. Safe from any goroutine.
func (e *SharedEvent) Set() {
	e.room.lock()
	defer e.room.unlock()
	if !e.set {
		e.set = true
		e.sets++
		e.room.wakeAll(&e.sleepers)
	}
}

// Clear clears the flag: who comes from now on waits for the next Set. Safe from any goroutine.
func (e *SharedEvent) Clear() {
	e.room.lock()
	defer e.room.unlock()
	e.set = false
}

// IsSet reports whether the flag is set. Safe from any goroutine.
func (e *SharedEvent) IsSet() bool {
	e.room.lock()
	defer e.room.unlock()
	return e.set
}

// Wait waits until the flag is set. In a greenlet its error is one that was thrown at it, or of its scope; outside there is
// none. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (e *SharedEvent) Wait() error { return e.wait(forever) }

// WaitTimeout is Wait that takes no longer than d, and returns ErrTimeout then; with a d of zero or less it only looks,
// after one Yield in a greenlet.
func (e *SharedEvent) WaitTimeout(d time.Duration) error { return e.wait(within(d)) }

// WaitContext is Wait that ends with ctx, and returns its cause then.
func (e *SharedEvent) WaitContext(ctx context.Context) error { return e.wait(during(ctx)) }

func (e *SharedEvent) wait(p allowance) error {
	var sets uint64
	began := false
	return e.room.wait(&e.sleepers, p, sched.Why("shared event"), func() bool {
		if !began {
			began, sets = true, e.sets
		}
		return e.set || e.sets != sets
	})
}

// Ready reports whether the flag is set. Safe from any goroutine.
func (e *SharedEvent) Ready() bool { return e.IsSet() }

func (e *SharedEvent) observe(o *observer) {
	e.room.observe(&e.sleepers, o, func() bool { return e.set })
}

func (e *SharedEvent) ignore(o *observer) { e.room.ignore(o) }
