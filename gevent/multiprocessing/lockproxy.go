package multiprocessing

import (
	"slices"
	"time"
)

// A LockProxy is a lock in a manager, as its clients see it; Manager.Lock makes it. It is held by a hub's connection to
// the manager: any greenlet of that hub may release it, and nobody else. It is handed over in the order of the calls.
//
// When the holder's process dies, or its connection breaks, the lock is free, and the next owner gets ErrHolderDied: it
// holds the lock, and knows that what the lock protects may be half changed.
type LockProxy struct{ proxy }

// An RLockProxy is a LockProxy that its owner, a greenlet, may acquire again; it is free when it has been released as
// often. Manager.RLock makes it.
type RLockProxy struct{ LockProxy }

// Lock makes a lock. Parks. Hub thread only.
func (m *Manager) Lock() (*LockProxy, error) {
	p, err := m.create(kindOfLock, "", nil)
	if err != nil {
		return nil, err
	}
	return &LockProxy{p}, nil
}

// RLock makes a lock that its owner may acquire again. Parks. Hub thread only.
func (m *Manager) RLock() (*RLockProxy, error) {
	p, err := m.create(kindOfRLock, "", nil)
	if err != nil {
		return nil, err
	}
	return &RLockProxy{LockProxy{p}}, nil
}

// Acquire waits until the lock is free, or handed over, and takes it. With ErrHolderDied the lock is held, too: repair
// what it protects, and release it. With any other error, one thrown at the greenlet or one of those of Manager, it is
// not held. Parks. Hub thread only.
func (l LockProxy) Acquire() error {
	_, _, err := l.acquire(false)
	return err
}

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (l LockProxy) AcquireTimeout(d time.Duration) error { return within(d, l.Acquire) }

// TryAcquire takes the lock if it is free, and reports whether it was; it does not wait for the holder. ErrHolderDied is
// as with Acquire. Parks. Hub thread only.
func (l LockProxy) TryAcquire() (bool, error) {
	got, _, err := l.acquire(true)
	return got, err
}

// acquire also returns the link over which the lock is held.
func (l LockProxy) acquire(try bool) (bool, *managerLink, error) {
	owner := callerID()
	ask := &managerAsk{
		object: l.object, op: opLockAcquire,
		args: func(b []byte) []byte { return appendFlag(appendUint(b, owner), try) },
		undo: func(link *managerLink, _ uint64, r *managerReply) {
			if widowed := r.status == statusHolderDied; widowed || r.status == statusDone && isYes(r.result) {
				l.undo(link, owner, widowed)
			}
		},
	}
	b, err := l.ask(ask)
	if err == ErrHolderDied {
		return true, ask.link, err
	}
	return err == nil && isYes(b), ask.link, err
}

var statusHolderDied = statusKnown + managerStatus(slices.Index(wireErrors, ErrHolderDied))

// undo releases the lock without waiting. widowed is for an owner that could not do anything about ErrHolderDied: the
// next one is told, too.
func (l LockProxy) undo(link *managerLink, owner uint64, widowed bool) {
	link.note(l.object, opLockUndo, func(b []byte) []byte { return appendFlag(appendUint(b, owner), widowed) })
	link.mail.hurry() // what follows may be the end of this process
}

// Release frees the lock, or hands it over. ErrNotHeld says that this hub does not hold it, or, for an RLock, this
// greenlet: perhaps the connection broke meanwhile, and the lock is another one's now. Parks. Hub thread only.
func (l LockProxy) Release() error {
	owner := callerID()
	_, err := l.call(opLockRelease, func(b []byte) []byte { return appendUint(b, owner) })
	return err
}

// Locked reports whether somebody holds the lock. Parks. Hub thread only.
func (l LockProxy) Locked() (bool, error) { return l.flag(opLockLocked, nil) }

// With calls fn holding the lock, and returns what it returns, or why the lock was not acquired. The lock is released
// also if fn panics or the greenlet is killed. After the death of a holder fn is not called: the error is ErrHolderDied,
// and who acquires the lock next gets that, too, until somebody does so with Acquire. If the connection broke while fn
// ran the lock was lost: where fn returns nil the error is ErrNotHeld then, as with Release. Parks. Hub thread only.
func (l LockProxy) With(fn func() error) error {
	owner := callerID()
	_, link, err := l.acquire(false)
	if err != nil && err != ErrHolderDied {
		return err
	}
	defer func() { l.undo(link, owner, err == ErrHolderDied) }()
	if err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	if link.over {
		return ErrNotHeld
	}
	return nil
}
