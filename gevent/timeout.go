package gevent

import (
	"errors"
	"fmt"
	"time"

	"greenloop/sched"
)

// Never, as a timeout, is none: its time is never up.
const Never = sched.Never

// A TimeoutError ends a wait because the time of a WithTimeout or of a Timeout is up. errors.Is finds ErrTimeout in
// it, and Err. Each belongs to one of them alone: Timeout.Is tells whose it is. A call with a limit of its own, such
// as Greenlet.JoinTimeout, returns ErrTimeout itself when that is reached, which == tells from a scope's.
type TimeoutError struct {
	After time.Duration // the time that was allowed
	Err   error         // what NewTimeoutError was given; nil
}

func (e *TimeoutError) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return fmt.Sprintf("gevent: timed out after %v", e.After)
}

// Is reports whether target is ErrTimeout.
func (e *TimeoutError) Is(target error) bool { return target == ErrTimeout }

// Unwrap returns Err.
func (e *TimeoutError) Unwrap() error { return e.Err }

// Timeout returns true, as with every net.Error that comes of a time limit.
func (e *TimeoutError) Timeout() bool { return true }

// Temporary returns false: inside the scope it is of no use to try again.
func (e *TimeoutError) Temporary() bool { return false }

// WithTimeout calls fn and returns what it returns. Once d has passed, the wait that fn is in ends with a
// *TimeoutError, and so does each later one as soon as it would begin, until fn returns: what ignores the error is
// told again. What need not wait succeeds as before, and what fn has done in spite of it counts.
//
// The time runs from now, by a fresh reading of the clock. If d is zero or less, the first wait fails; Never is no
// limit. Only waits are interrupted: code that computes can ask Canceled. Only the current greenlet is meant, not
// those that it spawns. Of several scopes around a wait that are over, the outermost gives its error; with Timeout.Do
// for WithTimeout one can ask whose it was. When fn has returned, or ended in any other way, nothing of it is left.
//
// It holds for the greenlet as a whole, with the raw greenlets and generators of package greenlet that run in it: a
// generator that yields inside leaves it open, for its consumer, too, until it goes on or is closed. Hub thread only.
func WithTimeout(d time.Duration, fn func() error) error { return NewTimeout(d).do("WithTimeout", fn) }

// WithDeadline is WithTimeout up to a time of the wall clock. Hub thread only.
func WithDeadline(at time.Time, fn func() error) error {
	return NewTimeout(time.Until(at)).do("WithDeadline", fn)
}

// WithTimeoutOr is WithTimeout for a function with a value. If fn fails because this very time is up, it returns
// fallback and nil; any other error, another timeout's as well, it returns with fn's value. Hub thread only.
func WithTimeoutOr[T any](d time.Duration, fallback T, fn func() (T, error)) (T, error) {
	t := NewTimeout(d)
	var value T
	err := t.do("WithTimeoutOr", func() (err error) {
		value, err = fn()
		return err
	})
	if t.Is(err) {
		return fallback, nil
	}
	return value, err
}

// A Timeout is a time limit that can be taken back, and asked about. Do sets it for a function, as WithTimeout does:
// it ends each wait. Start sets it for what the current greenlet does next, until Cancel, as gevent's in Python: it
// ends one wait, once. After either it can be set again. Make it with NewTimeout; it must not be copied.
type Timeout struct {
	scope  // where it was set
	d      time.Duration
	cause  error         // of NewTimeoutError
	own    *TimeoutError // made when its time is first up
	timer  sched.Timer
	target *extra // of the greenlet that it was last started in
	struck bool   // its time was up, since it was last set
}

// NewTimeout returns a Timeout that is not set.
func NewTimeout(d time.Duration) *Timeout { return NewTimeoutError(d, nil) }

// NewTimeoutError is NewTimeout with an error of the caller's own: the *TimeoutError wraps it, and has its text.
func NewTimeoutError(d time.Duration, err error) *Timeout {
	t := &Timeout{d: d, cause: err}
	t.timer.Init(t.strike)
	return t
}

// StartTimeout is NewTimeout and Start. Hub thread only.
func StartTimeout(d time.Duration) *Timeout {
	t := NewTimeout(d)
	t.begin("StartTimeout", true)
	t.arm()
	return t
}

// Do is WithTimeout with t as the limit. It panics if t is set already. Hub thread only.
func (t *Timeout) Do(fn func() error) error { return t.do("Timeout.Do", fn) }

func (t *Timeout) do(call string, fn func() error) error {
	t.begin(call, false)
	defer t.leave()
	t.arm()
	return fn()
}

// Start lets the time run, by a fresh reading of the clock. When it is up, the wait that the current greenlet is in
// ends with a *TimeoutError, or else its next one; one wait, and not those of greenlets that it spawns. If the time is
// zero or less that is the next wait. It never hits what comes after Cancel, so defer that. It panics while t is
// pending. Hub thread only.
func (t *Timeout) Start() {
	t.begin("Timeout.Start", true)
	t.arm()
}

func (t *Timeout) begin(call string, once bool) {
	x := extraHere(call)
	if t.Pending() || t.x != nil && !t.once {
		panic("gevent: " + call + " of a Timeout that is set already; Cancel it first, or make another one")
	}
	t.Cancel()
	t.scope = scope{once: once, deadline: Never}
	t.target, t.struck = x, false
	t.enter(x)
}

// arm lets the time run, from now.
func (t *Timeout) arm() {
	s := t.x.task.Scheduler()
	t.timeout, t.deadline = t, s.After(t.d)
	switch {
	case t.d <= 0:
		t.strike()
	case t.deadline != Never:
		s.StartTimer(&t.timer, t.deadline)
	}
}

// strike is called when the time is up; again, if its error could not be thrown then.
func (t *Timeout) strike() {
	t.struck = true
	if t.own == nil {
		t.own = &TimeoutError{After: t.d, Err: t.cause}
	}
	if !t.once {
		t.end(t.own)
		return
	}
	t.err = t.own
	t.throw()
}

// throw ends one wait of the greenlet in which t was started, unless a shield keeps it off, which comes back to it.
func (t *Timeout) throw() {
	x := t.x
	s := x.task.Scheduler()
	switch {
	case t.shielded():
	case x.task.Thrown() != nil: // it would be lost
		s.StartTimer(&t.timer, s.Now())
	default:
		t.leave()
		x.thrown = t
		s.Throw(x.task, t.own)
	}
}

// Cancel ends what Start began, and takes back an error that was not delivered yet: nothing after Cancel is hit.
// Inside Do it lifts the limit, for the rest of it. It does nothing if t is not set. Hub thread only.
func (t *Timeout) Cancel() {
	switch x := t.x; {
	case x == nil:
		if t.inFlight() {
			t.target.task.Scheduler().Retract(t.target.task, t.own)
		}
	case t.once:
		t.leave()
	default:
		x.task.Scheduler().StopTimer(&t.timer)
		t.deadline = Never
		if t.err != nil {
			t.err, t.context = nil, nil
			x.judge()
		}
	}
}

// inFlight reports whether t's error was thrown and not delivered yet.
func (t *Timeout) inFlight() bool {
	return t.target != nil && t.target.task.Thrown() == error(t.own)
}

// Pending reports whether t has still to end a wait: it was set, and has neither done so nor been canceled. Hub thread
// only.
func (t *Timeout) Pending() bool {
	if t.x == nil {
		return t.inFlight()
	}
	return t.deadline != Never && (t.once || t.err == nil)
}

// Expired reports whether the time was up since it was last set. Hub thread only.
func (t *Timeout) Expired() bool { return t.struck }

// Is reports whether err is, or wraps, the error of t itself, and not that of another Timeout.
func (t *Timeout) Is(err error) bool { return t.own != nil && errors.Is(err, t.own) }
