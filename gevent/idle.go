package gevent

import (
	"time"

	"greenloop/sched"
)

// Idle waits until nothing else is ready at this moment: no greenlet, no deadline, no event, no post. Those who call it
// go on one at a time, each when that is so again: for work that should get in nobody's way. Its error is one thrown at
// the greenlet. Parks. Hub thread only.
func Idle() error { return current("Idle").sched.Idle() }

// WaitIdle waits until nothing can happen any more: every other greenlet has ended, or waits for what cannot come; no
// timer runs, no event is awaited, and no goroutine holds the hub. Without somebody who waits for it that state is a
// deadlock, which ends Run. The hub can be used as before afterwards. Several may wait; they are woken in the order of
// their calls. The scopes around the call, a WithTimeout or a WithContext that may come to be over, do not count as something
// that can happen. Its error is one thrown at the greenlet, or that of its scope. Parks. Hub thread only.
func WaitIdle() error { return waitIdle("WaitIdle", sched.Never) }

func waitIdle(call string, d time.Duration) error {
	x := extraHere(call)
	s := x.task.Scheduler()
	deadline := s.After(d)
	return x.withoutHolds(func() error {
		err := x.withoutTimers(func(limit time.Duration) error { return s.Drain(min(deadline, limit)) })
		if err == ErrTimeout && s.Now() < deadline { // the time of a scope is up, and its timer, which runs again, tells so
			err = s.Drain(deadline)
		}
		return err
	})
}

// WaitIdleTimeout is WaitIdle that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it
// still lets all run that is ready. Parks. Hub thread only.
func WaitIdleTimeout(d time.Duration) error {
	if d > 0 {
		return waitIdle("WaitIdleTimeout", d)
	}
	s := current("WaitIdleTimeout").sched
	if err := s.Idle(); err != nil {
		return err
	}
	if !s.Drained() {
		return ErrTimeout
	}
	return nil
}
