package gevent

import (
	"time"

	"greenloop/sched"
)

// A Locker is what a Condition is made on: a Lock or an RLock.
type Locker interface {
	Acquire() error
	AcquireTimeout(d time.Duration) error
	TryAcquire() bool
	Release()
	Locked() bool
	With(fn func() error) error

	held(h *Hub) bool         // by the current greenlet
	leave(h *Hub) (depth int) // releases it, however often it was acquired
	regain(h *Hub, depth int) // acquires it as often, whatever comes in between; see line.insist
}

// A Lock is held by one greenlet at a time. Release hands it to the one that has waited longest, so that nobody gets in
// between, not even who has just released it. It need not be released by the greenlet that acquired it. The zero value
// is free. It must not be copied.
//
// A greenlet that cannot be interrupted between two waits needs no lock for what it does there; a Lock is for what must
// stay together over a wait.
type Lock struct {
	home
	locked  bool
	holder  *sched.Task // if locked; nil if the loop took it
	waiters line
}

// lockReason is a Lock as what somebody waits for.
type lockReason Lock

func (l *lockReason) String() string         { return heldBy("lock", l.holder) }
func (l *lockReason) Holders() []*sched.Task { return holders(l.holder) }

func heldBy(what string, holder *sched.Task) string {
	if holder == nil {
		return what
	}
	return what + " held by " + holder.String()
}

// Acquire waits until the lock is free, or handed over, and takes it. The error is one that was thrown at the greenlet;
// then it has not got the lock. A greenlet that acquires a lock twice waits for itself. Parks. Hub thread only.
func (l *Lock) Acquire() error {
	// All in one level of calls: two more would double the time of a free lock, and each more costs a waiter some 8 ns when
	// the switch returns through it.
	h := l.hub
	if h == nil || !h.thread.Nearby() || h.closed.Load() {
		h = l.settle("Lock.Acquire")
	}
	if !l.locked {
		l.locked, l.holder = true, h.sched.Current()
		return nil
	}
	for { // wait, without its calls
		if err := l.waiters.queue.WaitUntil(h.sched, (*lockReason)(l), sched.Never); err != nil {
			return err
		}
		if l.waiters.given.taken() {
			l.holder = h.sched.Current()
			return nil
		}
	}
}

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready. Parks. Hub thread only.
func (l *Lock) AcquireTimeout(d time.Duration) error {
	h := l.at("Lock.AcquireTimeout")
	if d <= 0 {
		return h.chance(func() bool { return l.take(h) })
	}
	if l.take(h) {
		return nil
	}
	return l.wait(h, h.sched.After(d))
}

// TryAcquire takes the lock if it is free, and reports whether it was. One that is being handed over is not. It does not
// wait, but yields now and then when it fails, so that the holder gets on while somebody tries in a loop. Hub thread
// only.
func (l *Lock) TryAcquire() bool {
	h := l.at("Lock.TryAcquire")
	if l.take(h) {
		return true
	}
	h.atOnce()
	return false
}

func (l *Lock) take(h *Hub) bool {
	if l.locked {
		return false
	}
	l.locked, l.holder = true, h.sched.Current()
	return true
}

func (l *Lock) wait(h *Hub, deadline time.Duration) error {
	if err := l.waiters.take(h, (*lockReason)(l), deadline); err != nil {
		return err
	}
	l.holder = h.sched.Current()
	return nil
}

// Release frees the lock, or hands it over if somebody waits, who then runs in turn. Any greenlet may call it. Releasing
// a free lock panics. Hub thread only.
func (l *Lock) Release() {
	if h := l.hub; h != nil && l.locked && l.waiters.queue.First() == nil && h.thread.Nearby() && !h.closed.Load() {
		l.locked, l.holder = false, nil
		return
	}
	l.release()
}

// release is Release where that is not simple.
func (l *Lock) release() {
	l.at("Lock.Release")
	if !l.locked {
		panic("gevent: Release of a Lock that is free; release it once for each Acquire that returned nil")
	}
	l.holder = l.waiters.give()
	l.locked = l.holder != nil
}

// Locked reports whether somebody holds the lock. Hub thread only.
func (l *Lock) Locked() bool { return l.locked }

// With calls fn holding the lock, and returns what it returns, or why the lock was not acquired. The lock is released
// also if fn panics or the greenlet is killed. Parks. Hub thread only.
func (l *Lock) With(fn func() error) error {
	if err := l.Acquire(); err != nil {
		return err
	}
	defer l.Release()
	return fn()
}

func (l *Lock) held(h *Hub) bool { return l.locked && l.holder == h.sched.Current() }

func (l *Lock) leave(*Hub) int {
	l.Release()
	return 1
}

func (l *Lock) regain(h *Hub, _ int) {
	if l.take(h) {
		return
	}
	defer func() { l.locked, l.holder = true, h.sched.Current() }() // also when a kill has ended what held it
	l.waiters.insist(h, (*lockReason)(l), func() bool { return lost(l.holder) }, 0)
}

// lost reports whether the holder of a lock will never release it.
func lost(holder *sched.Task) bool { return holder == nil || holder.State() == sched.Done }
