package multiprocessing

import (
	"errors"
	"fmt"
	"time"

	"greenloop/gevent"
)

// A Condition lets greenlets of several processes, while they hold a lock, wait until another one that holds it after
// them says that something has changed. The lock's methods are its own, too. It travels, with its lock as one value, in
// the arguments of a process and in values that a Sender sends, and is shared then.
//
// Who is notified goes on when it has got the lock back. Then it looks again at what it waits for, as others may have
// run in between: WaitFor does that. It may be woken without a notification, but only when a process has died.
//
// A notification is not lost with the process or the greenlet that it was for: if that ends before it has got the lock
// back, the next one gets it. One who dies later, with the lock, may have been about to notify others: who gets
// ErrHolderDied mends what the lock protects and calls NotifyAll.
type Condition struct {
	shared
	Locker
}

// NewCondition returns a condition on a lock, which several may have; nil is for a new RLock. The error is that of the
// system, such as EMFILE, ErrClosed if the lock is, or errors.ErrUnsupported. Hub thread only.
func NewCondition(l Locker) (*Condition, error) {
	lock, err := lockFor(l)
	if err != nil {
		return nil, err
	}
	r, err := newRegion(conditionKind, sizeOfTickets, 0)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Condition{shared{r}, lock}, nil
}

// lockFor returns a handle of the lock for a condition alone, which closes it.
func lockFor(l Locker) (Locker, error) {
	if l == nil {
		return NewRLock()
	}
	return l.another()
}

// Close gives back what this process holds of it, and its handle of the lock. It returns ErrClosed if that was done
// already, and ErrLocked while a greenlet waits for it. Hub thread only.
func (c *Condition) Close() error {
	switch {
	case c.r == nil:
		return ErrClosed
	case c.r.busy():
		return ErrLocked
	}
	err := c.Locker.Close()
	if err == ErrLocked {
		return err
	}
	return both(err, c.shared.Close())
}

// GobEncode makes it and its lock a part of the transfer that is under way, for package gob. They are shared then.
func (c *Condition) GobEncode() ([]byte, error) {
	own, err := c.shared.GobEncode()
	if err != nil {
		return nil, err
	}
	lock, err := c.Locker.GobEncode()
	if err != nil {
		return nil, err
	}
	kind := lockKind
	if _, ok := c.Locker.(*RLock); ok {
		kind = rlockKind
	}
	return append(append([]byte{byte(kind), byte(len(own))}, own...), lock...), nil
}

// GobDecode opens the condition that has come, for package gob.
func (c *Condition) GobDecode(b []byte) error {
	if len(b) < 2 || len(b)-2 < int(b[1]) {
		return errWrongKind
	}
	c.Locker = new(Lock)
	if kind(b[0]) == rlockKind {
		c.Locker = new(RLock)
	}
	own, lock := b[2:2+b[1]], b[2+b[1]:]
	if err := c.arrive(own, conditionKind, 0); err != nil {
		return err
	}
	return c.Locker.GobDecode(lock)
}

// Wait releases the lock, however often it was acquired, waits until it is notified, and acquires the lock as often
// again. With ErrHolderDied it has acquired the lock, too, whose holder had died; any other error was thrown at the
// greenlet. It returns ErrNotHeld unless the lock is held: an RLock by the current greenlet, a Lock by its process.
// Parks. Hub thread only.
//
// Whatever ends the wait, the lock is held when Wait returns, which may have to wait for that. It is held, too, when the
// deferred functions of a killed greenlet run, unless that takes more than ten seconds or another kill. Up to 8192
// greenlets can wait at a time.
func (c *Condition) Wait() error { return c.WaitTimeout(gevent.Never) }

// WaitTimeout is Wait that returns ErrTimeout if no notification has come for the duration d, once it has got the lock
// back; with a d of zero or less it lets others have the lock for a moment. Parks. Hub thread only.
func (c *Condition) WaitTimeout(d time.Duration) error {
	r, err := c.withLock()
	if err != nil {
		return err
	}
	r.calls++
	defer func() { r.calls-- }()
	if d <= 0 {
		return c.without(func() error {
			gevent.Yield()
			return gevent.ErrTimeout
		})
	}
	return c.wait(r, d)
}

func (c *Condition) wait(r *region, d time.Duration) error {
	w := ticketWish{tickets: ticketsOf(r)}
	if w.sit(); w.place == nil {
		return errWaiters
	}
	w.ticket = w.place.ticket.Load()
	done := false
	defer func() { // also if we are killed
		if w.place == nil {
			return
		}
		r.surely(func() {
			if !done {
				w.passOn(w.ticket)
			}
			w.place.ticket.Store(0)
		})
	}()
	err := c.without(func() error {
		err := r.await(d, &w)
		switch {
		case err == nil:
			r.leave()
		case err == gevent.ErrTimeout && w.place != nil: // it came as we gave up
			return nil
		}
		return err
	})
	done = err == nil || err == ErrHolderDied
	return err
}

// regainPatience is how long a killed greenlet waits for the lock: its holder may be dead without its process.
const regainPatience = 10 * time.Second

// without releases the lock, calls wait, and acquires the lock as often as it was, whatever comes.
func (c *Condition) without(wait func() error) error {
	depth, back := c.depth(), false
	defer func() {
		if !back { // killed
			_ = gevent.Shield(func() error { return c.regain(regainPatience, depth) })
		}
	}()
	c.drop() // it is released then, also if we are killed there
	err := wait()
	for !back {
		again := gevent.Shield(func() error { return c.regain(gevent.Never, depth) })
		back = again == nil || again == ErrHolderDied || again == ErrClosed // else it was thrown at us
		err = both(err, again)
	}
	return err
}

// withLock returns the region, if the lock is held.
func (c *Condition) withLock() (*region, error) {
	r, err := c.open()
	if err == nil && !c.held() {
		err = ErrNotHeld
	}
	return r, err
}

// WaitFor waits, as Wait does, until pred returns true, which it asks first and after each notification, holding the
// lock. Parks. Hub thread only.
func (c *Condition) WaitFor(pred func() bool) error {
	if _, err := c.withLock(); err != nil {
		return err
	}
	for !pred() {
		if err := c.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// WaitForTimeout is WaitFor that waits no longer than d; then it asks pred once more, and returns ErrTimeout if that
// is still not true. Parks. Hub thread only.
func (c *Condition) WaitForTimeout(d time.Duration, pred func() bool) error {
	limit := gevent.NewTimeout(d)
	err := limit.Do(func() error { return c.WaitFor(pred) })
	switch {
	case !limit.Is(err):
		return err
	case errors.Is(err, ErrHolderDied):
		return errors.Join(gevent.ErrTimeout, ErrHolderDied)
	case pred():
		return nil
	}
	return gevent.ErrTimeout
}

// Notify wakes up to n of those who wait, those who began first. They go on when they have got the lock, which the
// caller still holds; else that is ErrNotHeld. An n below one is an error. Does not park. Hub thread only.
func (c *Condition) Notify(n int) error {
	if n < 1 {
		return fmt.Errorf("mp: a notification of %d: notify one or more", n)
	}
	return c.notify(n)
}

// NotifyAll is Notify of all that wait now. Does not park. Hub thread only.
func (c *Condition) NotifyAll() error { return c.notify(maxPlaces) }

func (c *Condition) notify(n int) error {
	r, err := c.withLock()
	if err != nil {
		return err
	}
	t := ticketsOf(r)
	r.enter()
	defer r.leave()
	if n == maxPlaces {
		t.notifyAll()
	} else {
		t.notify(n)
	}
	return nil
}
