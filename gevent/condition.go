package gevent

import (
	"time"

	"greenloop/sched"
)

// A Condition lets greenlets that hold a lock wait until others, who hold it after them, say that something has changed.
// The lock's methods are its own, too. Make it with NewCondition; it must not be copied.
//
// A notified greenlet goes on when it has got the lock back. Then it looks again at what it waits for, as others may
// have run in between: WaitFor does that.
type Condition struct {
	home
	Locker
	waiters line
	all     uint // how often all were notified
}

// conditionReason is a Condition as what somebody waits for.
type conditionReason Condition

func (*conditionReason) String() string { return "condition" }

// NewCondition makes a Condition on a lock, which several may share; nil is for a new RLock. Safe from any goroutine.
func NewCondition(l Locker) *Condition {
	if l == nil {
		l = new(RLock)
	}
	return &Condition{Locker: l}
}

// Wait releases the lock, however often it was acquired, waits until it is notified, and acquires the lock as often
// again. The error is one that was thrown at the greenlet. It panics unless the current greenlet holds the lock. Parks.
// Hub thread only.
//
// Whatever ends the wait, the lock is held when Wait returns, and when the deferred functions of a killed greenlet run;
// it may have to wait for that. What is thrown at it meanwhile comes back from its next wait. A kill, or another one,
// takes effect when it has got the lock; if its holder has ended without a release, it takes the lock over. A
// notification that a greenlet could not return with, because it was killed in between, goes to the next that waits.
func (c *Condition) Wait() error { return c.wait(c.owned("Condition.Wait"), sched.Never) }

// WaitTimeout is Wait that returns ErrTimeout if no notification has come for the duration d, once it has got the lock
// back; with a d of zero or less it lets all run that is ready. Parks. Hub thread only.
func (c *Condition) WaitTimeout(d time.Duration) error {
	h := c.owned("Condition.WaitTimeout")
	if d <= 0 {
		return c.yield(h)
	}
	return c.wait(h, h.sched.After(d))
}

// WaitFor waits, as Wait does, until pred returns true, which it asks first and after each notification, holding the
// lock. Parks. Hub thread only.
func (c *Condition) WaitFor(pred func() bool) error {
	h := c.owned("Condition.WaitFor")
	for !pred() {
		if err := c.wait(h, sched.Never); err != nil {
			return err
		}
	}
	return nil
}

// WaitForTimeout is WaitFor that waits no longer than d; then it asks pred once more, and returns ErrTimeout if that
// is still not true. Parks. Hub thread only.
func (c *Condition) WaitForTimeout(d time.Duration, pred func() bool) error {
	h := c.owned("Condition.WaitForTimeout")
	deadline := h.sched.After(d)
	for !pred() {
		err := error(nil)
		if d <= 0 {
			err = c.yield(h)
		} else {
			err = c.wait(h, deadline)
		}
		if h.expired(err, deadline) && pred() {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes up to n of those who wait, in the order of their calls. They go on when they have got the lock, which the
// caller still holds. It panics unless the current greenlet holds the lock, and if n is less than one. Hub thread only.
func (c *Condition) Notify(n int) {
	c.owned("Condition.Notify")
	if n < 1 {
		panic("gevent: Condition.Notify of less than one; leave it out")
	}
	for n > 0 && c.waiters.give() != nil {
		n--
	}
}

// NotifyAll is Notify of all that wait now. Hub thread only.
func (c *Condition) NotifyAll() {
	c.owned("Condition.NotifyAll")
	c.all++
	c.waiters.giveAll()
}

// owned returns the hub; the current greenlet must hold the lock.
func (c *Condition) owned(call string) *Hub {
	h := c.at(call)
	if !c.held(h) {
		panic("gevent: " + call + " without holding the lock; call Acquire of the Condition first, in the same greenlet")
	}
	return h
}

func (c *Condition) wait(h *Hub, deadline time.Duration) error {
	notified, back, all := false, false, c.all
	depth := c.leave(h)
	defer func() {
		defer func() {
			// Killed on the way from the notification to the lock: it cannot act on it.
			if notified && !back && all == c.all {
				c.waiters.give()
			}
		}()
		c.regain(h, depth)
		back = true
	}()
	err := c.waiters.take(h, (*conditionReason)(c), deadline)
	notified = err == nil
	return err
}

// yield is wait that gives others a chance, but is not there to be notified.
func (c *Condition) yield(h *Hub) error {
	depth := c.leave(h)
	defer c.regain(h, depth)
	h.sched.Yield()
	return ErrTimeout
}
