package gevent

import (
	"context"
	"os"
	"time"

	"greenloop/sched"
)

// An asker is a greenlet that waits for a name to be looked up, or for connections: until its time is up or its context
// is done, whichever comes first.
type asker struct {
	sleeper
	ctx      context.Context
	deadline time.Duration
	forget   func() bool // undoes what begin asked of the context; nil
}

// begin makes the current greenlet the asker, until end.
func (a *asker) begin(ctx context.Context, h *Hub, deadline time.Duration) {
	a.lie(h)
	a.ctx, a.deadline = ctx, deadline
	if at, ok := ctx.Deadline(); ok {
		a.deadline = min(deadline, h.sched.After(time.Until(at)))
	}
	if ctx.Done() != nil {
		h.expect() // whoever can end the context may do so at any time
		a.forget = context.AfterFunc(ctx, a.rouse)
	}
}

func (a *asker) end() {
	if a.forget != nil {
		a.forget()
		a.hub.unexpect()
	}
}

// over returns why there is nothing to wait for any more.
func (a *asker) over() error {
	switch {
	case a.ctx.Err() != nil:
		return contextError(a.ctx)
	case a.deadline <= a.hub.sched.Now():
		return errTimeUp
	}
	return nil
}

// wait parks in q, or in no queue if that is nil, until somebody wakes the asker, its context is done, or its time or until
// comes. It returns nil then, and the caller looks again, also whether it is over. Its error is that of the wait.
func (a *asker) wait(q *sched.WaitQueue, why sched.Reason, until time.Duration) error {
	s := a.hub.sched
	until = min(until, a.deadline)
	a.ticket = s.Ticket()
	var err error
	if q != nil {
		err = q.WaitUntil(s, why, until)
	} else {
		err = s.ParkUntil(why, until)
	}
	if err == nil || err == sched.ErrTimeout && until <= s.Now() { // that very value: else it was thrown, or is a scope's
		return nil
	}
	return err
}

// errTimeUp is the error of a time limit of one's own, as package net words it. It is os.ErrDeadlineExceeded, as with all
// sockets, and context.DeadlineExceeded, as in package net.
var errTimeUp error = timeUp{}

type timeUp struct{}

func (timeUp) Error() string   { return "i/o timeout" }
func (timeUp) Timeout() bool   { return true }
func (timeUp) Temporary() bool { return true }

func (timeUp) Is(target error) bool {
	return target == os.ErrDeadlineExceeded || target == context.DeadlineExceeded
}

// contextError returns the error that a done context makes of a wait: errors.Is finds both what the context says and its
// cause.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	switch {
	case err == cause && err == context.DeadlineExceeded:
		return errTimeUp
	case err == cause:
		return err
	}
	return &endedContext{err, cause}
}

type endedContext struct{ err, cause error }

func (e *endedContext) Error() string   { return e.err.Error() + ": " + e.cause.Error() }
func (e *endedContext) Unwrap() []error { return []error{e.err, e.cause} }
func (e *endedContext) Timeout() bool   { return isTimeout(e.err) }

// isTimeout reports whether err is, by itself, that of a time limit.
func isTimeout(err error) bool {
	t, ok := err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}
