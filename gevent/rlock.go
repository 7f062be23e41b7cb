package gevent

import (
	"time"

	"greenloop/sched"
)

// An RLock is a Lock that its owner, a greenlet, may acquire again; it is free when it has been released as often. Raw
// greenlets and generators inside a greenlet own in its name. The zero value is free. It must not be copied.
type RLock struct {
	home
	owner   *sched.Task
	depth   int // how often the owner has acquired it
	waiters line
}

// rlockReason is an RLock as what somebody waits for.
type rlockReason RLock

func (l *rlockReason) String() string         { return heldBy("rlock", l.owner) }
func (l *rlockReason) Holders() []*sched.Task { return holders(l.owner) }

// Acquire waits until the lock is free, handed over, or the caller's own, and takes it once more. The error is one that
// was thrown at the greenlet; then it has not got the lock. Parks. Hub thread only.
func (l *RLock) Acquire() error {
	h := l.at("RLock.Acquire")
	if l.take(h) {
		return nil
	}
	return l.wait(h, sched.Never)
}

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready. Parks. Hub thread only.
func (l *RLock) AcquireTimeout(d time.Duration) error {
	h := l.at("RLock.AcquireTimeout")
	if d <= 0 {
		return h.chance(func() bool { return l.take(h) })
	}
	if l.take(h) {
		return nil
	}
	return l.wait(h, h.sched.After(d))
}

// TryAcquire takes the lock if it is free or the caller's own, and reports whether it was. It does not wait, but yields
// now and then when it fails, as Lock.TryAcquire does. Hub thread only.
func (l *RLock) TryAcquire() bool {
	h := l.at("RLock.TryAcquire")
	if l.take(h) {
		return true
	}
	h.atOnce()
	return false
}

func (l *RLock) take(h *Hub) bool {
	me := h.sched.Current()
	if l.owner != me {
		if l.owner != nil {
			return false
		}
		l.owner = me
	} else if me == nil {
		panic("gevent: Acquire of an RLock outside a greenlet, which has to own it; spawn one, or use a Lock")
	}
	l.depth++
	return true
}

func (l *RLock) wait(h *Hub, deadline time.Duration) error {
	if err := l.waiters.take(h, (*rlockReason)(l), deadline); err != nil {
		return err
	}
	l.owner, l.depth = h.sched.Current(), 1
	return nil
}

// Release undoes one Acquire; the last one frees the lock, or hands it to the greenlet that has waited longest. It
// panics if the current greenlet does not own the lock. Hub thread only.
func (l *RLock) Release() {
	h := l.at("RLock.Release")
	if l.depth == 0 || l.owner != h.sched.Current() {
		panic("gevent: Release of an RLock by a greenlet that does not own it (" + heldBy("rlock", l.owner) +
			"); only the owner may, once for each Acquire that returned nil; use a Lock if another one has to")
	}
	if l.depth--; l.depth == 0 {
		l.pass()
	}
}

// pass hands the lock over, or frees it.
func (l *RLock) pass() {
	l.depth = 0
	if l.owner = l.waiters.give(); l.owner != nil {
		l.depth = 1
	}
}

// Locked reports whether some greenlet owns the lock. Hub thread only.
func (l *RLock) Locked() bool { return l.depth > 0 }

// Owned reports whether the current greenlet owns the lock. Hub thread only.
func (l *RLock) Owned() bool { return l.held(l.at("RLock.Owned")) }

// With calls fn holding the lock, and returns what it returns, or why the lock was not acquired. The lock is released
// also if fn panics or the greenlet is killed. Parks. Hub thread only.
func (l *RLock) With(fn func() error) error {
	if err := l.Acquire(); err != nil {
		return err
	}
	defer l.Release()
	return fn()
}

func (l *RLock) held(h *Hub) bool { return l.depth > 0 && l.owner == h.sched.Current() }

func (l *RLock) leave(*Hub) (depth int) {
	depth = l.depth
	l.pass()
	return depth
}

func (l *RLock) regain(h *Hub, depth int) {
	defer func() { l.owner, l.depth = h.sched.Current(), depth }() // also when a kill has ended what held it
	if l.depth > 0 {
		l.waiters.insist(h, (*rlockReason)(l), func() bool { return lost(l.owner) }, 0)
	}
}
