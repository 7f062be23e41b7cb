package gevent

import (
	"time"

	"greenloop/sched"
)

// An Event is a flag that greenlets wait for. The zero value is unset. It must not be copied.
type Event struct {
	home
	set     bool
	waiters line
	observers
}

// eventReason is an Event as what somebody waits for.
type eventReason Event

func (*eventReason) String() string { return "event" }

// Set sets the event and wakes all that wait for it, in the order of their calls; each of their waits succeeds, even if
// Clear comes before they run. Setting a set event does nothing. Hub thread only.
func (e *Event) Set() {
	e.at("Event.Set")
	if e.set {
		return
	}
	e.set = true
	e.waiters.giveAll()
	e.tell()
}

// Clear unsets the event: who waits from now on, waits for the next Set. Hub thread only.
func (e *Event) Clear() {
	e.at("Event.Clear")
	e.set = false
}

// IsSet reports whether the event is set. Hub thread only.
func (e *Event) IsSet() bool { return e.set }

// Ready is IsSet, for Waitable. Hub thread only.
func (e *Event) Ready() bool { return e.set }

// Wait waits until the event is set; it returns at once if it is, or, if those whom that Set has woken are still to run,
// after them. The error is one that was thrown at the greenlet. Parks. Hub thread only.
func (e *Event) Wait() error {
	h := e.at("Event.Wait")
	h.atOnce()
	if e.pass(h) {
		return nil
	}
	return e.waiters.take(h, (*eventReason)(e), sched.Never)
}

// WaitTimeout is Wait that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready. Parks. Hub thread only.
func (e *Event) WaitTimeout(d time.Duration) error {
	h := e.at("Event.WaitTimeout")
	h.atOnce()
	if d <= 0 {
		return h.chance(func() bool { return e.pass(h) })
	}
	if e.pass(h) {
		return nil
	}
	return e.waiters.take(h, (*eventReason)(e), h.sched.After(d))
}

// pass reports whether the event is set, once those have run who waited for that.
func (e *Event) pass(h *Hub) bool {
	set := e.set
	if set && e.waiters.given > 0 {
		h.sched.Yield()
	}
	return set
}

func (e *Event) observe(o *observer) {
	e.at("Wait")
	e.add(o)
	if e.set {
		e.tell()
	}
}

func (e *Event) ignore(o *observer) { e.remove(o) }
