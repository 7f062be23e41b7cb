package gevent

import (
	"context"
	"time"
)

// A scope is a stretch of a task's run whose waits can be ended all together: when it is over, the wait that the task
// is in ends with the scope's error, and each later one inside does so as soon as it would begin.
//
// The scopes of a task form a chain from the innermost out. As a rule they are left in reverse order; but that of a
// Timeout, or of a generator that is suspended inside it, may be left before or after those around it: just that one
// is taken out then.
type scope struct {
	x        *extra // of the task to which it belongs, whoever leaves it; nil outside
	parent   *scope
	err      error         // why it is over; nil as long as it is not
	shield   bool          // what is outside does not end waits inside
	once     bool          // marks where a Timeout was started, which ends one wait, not each
	deadline time.Duration // when it will be over, on the hub's clock; Never
	timeout  *Timeout      // which will make it so; nil if none will

	base    context.Context // of WithContext; nil
	release func()          // ends the hold that base has on the hub; nil if it has none
	context *scopeContext   // made when first asked for
}

// enter makes s the innermost scope of x's task.
func (s *scope) enter(x *extra) {
	s.x, s.parent = x, x.scope
	x.scope = s
}

// leave takes s out, wherever it stands. Leaving twice does nothing.
func (s *scope) leave() {
	x := s.x
	if x == nil {
		return
	}
	for p := &x.scope; *p != nil; p = &(*p).parent {
		if *p == s {
			*p = s.parent
			break
		}
	}
	s.x, s.parent = nil, nil
	if s.context != nil {
		s.context.cancel(nil)
	}
	if s.timeout != nil {
		x.task.Scheduler().StopTimer(&s.timeout.timer)
	}
	if s.err != nil || s.shield {
		x.judge()
	}
}

// end makes s be over because of err, unless it is already, or was left.
func (s *scope) end(err error) {
	if s.x == nil || s.err != nil {
		return
	}
	s.err = err
	s.x.judge()
}

// verdict returns the error with which each wait in s ends now: that of the outermost scope that is over, up to the next
// shield.
func (s *scope) verdict() (err error) {
	for ; s != nil; s = s.parent {
		if s.err != nil && !s.once {
			err = s.err
		}
		if s.shield {
			break
		}
	}
	return err
}

// judge lets the verdict take effect, on waits and on contexts.
func (x *extra) judge() {
	x.task.Scheduler().Cancel(x.task, x.scope.verdict())
	for s := x.scope; s != nil; s = s.parent {
		if s.context == nil {
			continue
		}
		if err := s.verdict(); err != nil {
			s.context.cancel(err)
		}
	}
}

// shielded reports whether there is a shield inside s.
func (s *scope) shielded() bool {
	for i := s.x.scope; i != s && i != nil; i = i.parent {
		if i.shield {
			return true
		}
	}
	return false
}

// Canceled returns the error with which each wait of the current greenlet would end now because a scope that it is in
// is over: its time is up, or its context done. It looks at the clock and the contexts themselves: so a greenlet that
// computes and never waits, which nothing can interrupt, can ask in its loop whether to go on. It returns nil if there
// is no such scope, or if Shield keeps it off. Hub thread only.
func Canceled() error {
	x := extraHere("Canceled")
	now := x.task.Scheduler().Now()
	for s := x.scope; s != nil; s = s.parent {
		switch {
		case s.err != nil || s.once:
		case s.deadline <= now:
			s.timeout.strike()
		case s.base != nil && s.base.Err() != nil:
			s.end(context.Cause(s.base))
		}
	}
	return x.scope.verdict()
}

// Shield calls fn and returns what it returns. Inside, waits are not ended by the scopes outside, such as WithTimeout
// and WithContext, nor by a Timeout that was started outside; afterwards they are, also by those whose time has come
// meanwhile. It is for what must be brought to its end, such as giving back a resource; that takes as long as it does,
// so ShieldTimeout is safer. A kill goes through. Hub thread only.
func Shield(fn func() error) error {
	s := &scope{shield: true, deadline: Never}
	s.raise(extraHere("Shield"))
	defer s.lower()
	return fn()
}

// ShieldTimeout is Shield with a limit: when d has passed, waits inside end with a *TimeoutError, as those in
// WithTimeout do. Hub thread only.
func ShieldTimeout(d time.Duration, fn func() error) error {
	t := NewTimeout(d)
	t.shield = true
	t.raise(extraHere("ShieldTimeout"))
	defer t.lower()
	t.arm()
	return fn()
}

// raise enters s, a shield. An error from outside that is on its way to the task waits there.
func (s *scope) raise(x *extra) {
	if t := x.thrown; t != nil && x.task.Scheduler().Retract(x.task, t.own) {
		x.thrown = nil
		t.enter(x)
	}
	s.enter(x)
	x.judge()
}

// lower leaves s, a shield. What it has kept off comes through now.
func (s *scope) lower() {
	x := s.x
	s.leave()
	if x == nil {
		return
	}
	for o := x.scope; o != nil; {
		outer := o.parent
		if o.once && o.err != nil {
			o.timeout.throw()
		}
		o = outer
	}
}
