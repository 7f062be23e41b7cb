package gevent

import (
	"errors"
	"time"

	"greenloop/sched"
)

// JoinAll waits until all of gs have ended, and returns their errors, joined in the order of gs; being killed counts as
// success there. If the wait itself is ended by an error thrown at the caller, that is returned. Parks. Hub thread only.
func JoinAll(gs ...*Greenlet) error { return joinAll(gs, sched.Never) }

// JoinAllTimeout is JoinAll that waits no longer than d in all, and returns ErrTimeout then; with a d of zero or less
// it still lets all run that is ready. Who wants to know which have ended, and in which order, calls Until.JoinAll.
// Parks. Hub thread only.
func JoinAllTimeout(d time.Duration, gs ...*Greenlet) error {
	s := current("JoinAllTimeout").sched
	if d <= 0 {
		s.Yield()
	}
	return joinAll(gs, s.After(d))
}

func joinAll(gs []*Greenlet, deadline time.Duration) error {
	var errs []error
	for _, g := range gs {
		if err := g.task.JoinUntil(deadline); err != nil {
			return err
		}
		if err := g.failed(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// JoinAll waits for gs within the limits of u, and returns those that have ended, in the order of their ends. Its error
// is that of the wait: ErrTimeout, what was thrown at the caller, or, with FirstError, that of the last one of them,
// while the others go on. Parks. Hub thread only.
func (u Until) JoinAll(gs ...*Greenlet) (ended []*Greenlet, err error) {
	objs := make([]Waitable, len(gs))
	for i, g := range gs {
		objs[i] = g
	}
	ready, err := u.Wait(objs...)
	for _, obj := range ready {
		ended = append(ended, obj.(*Greenlet))
	}
	return ended, err
}
