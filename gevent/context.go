package gevent

import (
	"context"
	"time"
)

// WithContext calls fn and returns what it returns. Once ctx is done, the wait that fn is in ends with
// context.Cause(ctx), and so does each later one as soon as it would begin, until fn returns. What need not wait
// succeeds as before. If ctx is done already, the first wait fails.
//
// A context that can be done may be so at any time: as long as fn runs, no state is a deadlock. It costs no goroutine
// while it is not done, unless it is of a type of somebody else's without an AfterFunc method. Shield, nesting, and
// what else is said at WithTimeout hold here, too. Hub thread only.
func WithContext(ctx context.Context, fn func() error) error {
	if ctx == nil {
		panic("gevent: WithContext of a nil context; use context.Background")
	}
	s := &scope{deadline: Never, base: ctx}
	s.enter(extraHere("WithContext"))
	defer s.leave()
	if ctx.Done() != nil {
		defer s.follow(ctx)()
	}
	return fn()
}

// follow makes s be over when ctx is done, until stop is called.
func (s *scope) follow(ctx context.Context) (stop func()) {
	if ctx.Err() != nil {
		s.end(context.Cause(ctx))
		return func() {}
	}
	hub := s.x.task.Scheduler()
	s.release = hub.Hold()
	cancel := context.AfterFunc(ctx, func() {
		hub.Post(func() { s.end(context.Cause(ctx)) }) // may come when s was left: then it does nothing
	})
	return func() {
		cancel()
		s.release()
	}
}

// withoutHolds calls wait while the contexts of x's scopes do not hold the hub: that one of them can be done is no
// reason why somebody in it should wait for everything else to end.
func (x *extra) withoutHolds(wait func() error) error {
	for s := x.scope; s != nil; s = s.parent {
		if s.release != nil {
			s.release()
			defer func() { s.release = x.task.Scheduler().Hold() }()
		}
	}
	return wait()
}

// withoutTimers calls wait while the timers of x's scopes do not run, for the same reason, with the time at which the first of
// them would fire.
func (x *extra) withoutTimers(wait func(limit time.Duration) error) error {
	hub, limit := x.task.Scheduler(), Never
	for s := x.scope; s != nil; s = s.parent {
		if s.timeout == nil || !hub.StopTimer(&s.timeout.timer) {
			continue
		}
		limit = min(limit, s.deadline)
		defer func() {
			if s.x != nil && s.deadline != Never { // neither left nor lifted meanwhile
				hub.StartTimer(&s.timeout.timer, s.deadline)
			}
		}()
	}
	return wait(limit)
}

// Context returns the current greenlet's own context, for what takes one. Inside WithTimeout, WithContext or Shield it
// is that scope's. It is canceled
//   - when the scope is left, or the greenlet ends;
//   - when the scope is over, or one around it up to the next Shield: the cause is the error with which waits end;
//   - when the greenlet is killed, before its deferred functions run: the cause is ErrExit. One that is first asked for inside a
//     Shield which those functions call is alive.
//
// It has the deadline of these scopes and the values of the next WithContext's ctx. A greenlet inherits the values from the
// one that spawned it, but neither deadline nor cancellation: hand the context over, and call WithContext there, or use a
// Nursery. It costs no goroutine, and nothing before it is asked for. The context itself is safe from any goroutine. Hub thread only.
func Context() context.Context {
	x := extraHere("Context")
	s := x.scope
	for s.once {
		s = s.parent
	}
	if s.context == nil {
		s.context = s.newContext()
		x.task.OnKill(x.killed)
	}
	return s.context
}

// A scopeContext is the context of a scope. It is a child of the one that WithContext was given; the scopes outside
// reach it through the scope, not as its parents.
type scopeContext struct {
	context.Context
	cancel   context.CancelCauseFunc
	deadline time.Time // zero: none but that of Context
}

func (s *scope) newContext() *scopeContext {
	var base context.Context
	deadline, shielded := Never, false
	for o := s; o != nil; o = o.parent {
		if !shielded && !o.once {
			deadline = min(deadline, o.deadline)
		}
		shielded = shielded || o.shield
		if base == nil && o.base != nil {
			base = o.base
			if shielded {
				base = context.WithoutCancel(base)
			}
		}
	}
	if base == nil {
		base = context.Background()
	}
	c := new(scopeContext)
	c.Context, c.cancel = context.WithCancelCause(base)
	task := s.x.task
	if deadline != Never {
		c.deadline = time.Now().Add(deadline - task.Scheduler().Now())
	}
	if err := s.verdict(); err != nil {
		c.cancel(err)
	} else if !shielded && task.Killed() {
		c.cancel(ErrExit)
	}
	return c
}

// Deadline returns the earliest of those of the scopes and of WithContext's context.
func (c *scopeContext) Deadline() (time.Time, bool) {
	at, ok := c.Context.Deadline()
	if c.deadline.IsZero() || ok && at.Before(c.deadline) {
		return at, ok
	}
	return c.deadline, true
}

// Err tells a time that is up from a cancellation, as a context with a deadline does.
func (c *scopeContext) Err() error {
	err := c.Context.Err()
	if _, timeout := context.Cause(c.Context).(*TimeoutError); timeout {
		return context.DeadlineExceeded
	}
	return err
}
