package multiprocessing

import (
	"math"
	"time"
)

// A ConditionProxy is a condition in a manager, with its lock, which is as that of an RLockProxy: greenlets of any
// processes wait until one of them, holding the lock, notifies them. Manager.Condition makes it.
type ConditionProxy struct{ RLockProxy }

// Condition makes a condition. Parks. Hub thread only.
func (m *Manager) Condition() (*ConditionProxy, error) {
	p, err := m.create(kindOfCondition, "", nil)
	if err != nil {
		return nil, err
	}
	return &ConditionProxy{RLockProxy{LockProxy{p}}}, nil
}

// Wait releases the lock, however often it was acquired, waits until it is notified, and acquires the lock as often
// again. ErrNotHeld says that the caller does not hold the lock. With ErrHolderDied, and if an error was thrown at the
// greenlet, it holds the lock again, for which it may have to wait; so do the deferred functions of a greenlet that was
// killed. A second kill, and the other errors of Manager, end it without the lock. Parks. Hub thread only.
//
// A notified greenlet goes on when it has got the lock, and others may have had it in between: it has to look again at
// what it waits for. It may be woken without a notification, but only when a holder of the lock has died.
//
// A notification is not lost with the process or the greenlet that it was for: if that ends, or is interrupted, the next
// one gets it. One who dies later, with the lock, may have been about to notify others: who gets ErrHolderDied mends
// what the lock protects and calls NotifyAll.
func (c ConditionProxy) Wait() error {
	owner := callerID()
	passOn := func(link *managerLink, r *managerReply, killed bool) {
		widowed := killed && r.status == statusHolderDied
		if widowed || r.status == statusDone && isYes(r.result) { // or it was notified
			link.note(c.object, opConditionPassOn, func(b []byte) []byte { return appendFlag(appendUint(b, owner), widowed) })
		}
	}
	ask := &managerAsk{
		object: c.object, op: opConditionWait,
		args: func(b []byte) []byte { return appendUint(b, owner) },
		stop: func(link *managerLink, number uint64) {
			link.note(c.object, opConditionStop, func(b []byte) []byte { return appendUint(b, number) })
		},
		stopping: passOn,
		undo: func(link *managerLink, _ uint64, r *managerReply) {
			passOn(link, r, false)
			if widowed := r.status == statusHolderDied; widowed || r.status == statusDone {
				link.note(c.object, opConditionUndo, func(b []byte) []byte { return appendFlag(appendUint(b, owner), widowed) })
			}
		},
	}
	if _, err := c.ask(ask); err != nil {
		return err
	}
	return ask.stopped
}

// WaitTimeout is Wait that waits no longer than d for the notification, and returns ErrTimeout then, once it has got the
// lock back. Parks. Hub thread only.
func (c ConditionProxy) WaitTimeout(d time.Duration) error { return within(d, c.Wait) }

// Notify wakes up to n of those who wait, in the order of their calls. They go on when they have got the lock, which the
// caller still holds; else the error is ErrNotHeld. It panics if n is less than one. Parks. Hub thread only.
func (c ConditionProxy) Notify(n int) error {
	if n < 1 {
		panic("mp: a Notify of fewer than 1")
	}
	owner := callerID()
	_, err := c.call(opConditionNotify, func(b []byte) []byte { return appendUint(appendUint(b, owner), n) })
	return err
}

// NotifyAll is Notify of all that wait now. Parks. Hub thread only.
func (c ConditionProxy) NotifyAll() error { return c.Notify(math.MaxInt32) }
