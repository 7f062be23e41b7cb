package multiprocessing

import (
	"runtime"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// A Lock is held by one greenlet of one process at a time. It travels in the arguments of a process and in values that
// a Sender sends, and is shared then: both have the same lock. Any process may release it. Which of several processes
// gets it next is not said, but none waits for ever while others take it again and again; within a process it is the
// greenlet that has waited longest.
//
// If the process that holds it ends without releasing it, even by SIGKILL, the lock is free, and the next owner gets
// ErrHolderDied. The lock belongs to the process that has acquired it, whichever greenlet that was: one that is killed
// must release it in a deferred call.
type Lock struct{ shared }

// A lockState is what is shared of a lock.
type lockState struct {
	owner     atomic.Uint64 // the identity of the process that has it
	abandoned atomic.Bool   // the last owner has died
	next      precedence
}

// NewLock returns a lock that is free. The error is that of the system, such as EMFILE, or errors.ErrUnsupported. Hub
// thread only.
func NewLock() (*Lock, error) {
	r, err := newRegion(lockKind, sizeOf[lockState](), 0)
	if err != nil {
		return nil, err
	}
	return &Lock{shared{r}}, nil
}

// GobDecode opens the lock that has come, for package gob.
func (l *Lock) GobDecode(b []byte) error { return l.arrive(b, lockKind, 0) }

// Acquire waits until the lock is free, and takes it. With ErrHolderDied it has been taken, too. Any other error was
// thrown at the greenlet. A second Acquire in the same greenlet waits for ever: use an RLock for that. Parks. Hub thread
// only.
func (l *Lock) Acquire() error { return l.AcquireTimeout(gevent.Never) }

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it waits
// for nothing. Parks. Hub thread only.
func (l *Lock) AcquireTimeout(d time.Duration) error {
	r, err := l.open()
	if err != nil {
		return err
	}
	state := at[lockState](r, 0)
	if now := newLockWish(r, state); !r.turn.Locked() && now.atOnce() {
		return now.err
	}
	w := newLockWish(r, state)
	return w.await(d, &w)
}

// TryAcquire takes the lock if it is free, and reports whether it did. The error may be ErrHolderDied, then it did.
// Does not park. Hub thread only.
func (l *Lock) TryAcquire() (bool, error) {
	return tried(l.AcquireTimeout(0))
}

// Release frees the lock. If it is free already that is ErrNotHeld. Does not park. Hub thread only.
func (l *Lock) Release() error {
	r, err := l.open()
	if err != nil {
		return err
	}
	state := at[lockState](r, 0)
	r.surely(func() {
		if state.owner.Load() == 0 {
			err = ErrNotHeld
			return
		}
		r.ring()
		state.owner.Store(0)
	})
	return err
}

// With calls fn while it holds the lock, and returns its error. If the lock could not be acquired, fn is not called; if
// the former holder has died it is not called either, the lock is released, and the error is ErrHolderDied: who can
// mend what is protected uses Acquire. Parks. Hub thread only.
func (l *Lock) With(fn func() error) error { return with(l, fn) }

// Locked reports whether the lock is held, or its holder has died and nobody has noticed. Hub thread only.
func (l *Lock) Locked() bool {
	r := l.use(lockKind)
	defer runtime.KeepAlive(r)
	return at[lockState](r, 0).owner.Load() != 0
}

func (l *Lock) held() bool {
	r := l.use(lockKind)
	defer runtime.KeepAlive(r)
	return at[lockState](r, 0).owner.Load() == uint64(me())
}

func (l *Lock) depth() int64 { return 1 }

func (l *Lock) drop() { _ = l.Release() } // it is held

func (l *Lock) regain(d time.Duration, _ int64) error { return l.AcquireTimeout(d) }

func (l *Lock) another() (Locker, error) {
	s, err := l.again()
	return &Lock{s}, err
}

// A lockWish is to have the lock.
type lockWish struct {
	applicant
	state *lockState
	err   error
}

func newLockWish(r *region, state *lockState) lockWish {
	return lockWish{applicant{&state.next, r, 0}, state, nil}
}

// atOnce reports whether the wish is granted. Without an interface it need not be allocated.
func (l *lockWish) atOnce() bool {
	l.region.enter()
	granted := l.granted()
	l.region.leave()
	return granted
}

// await waits for the lock. w is the whole wish that this one is a part of.
func (l *lockWish) await(d time.Duration, w wish) error {
	if err := l.region.awaitTurn(d, w); err != nil {
		return err
	}
	l.region.leave()
	return l.err
}

func (w *lockWish) granted() bool {
	s := w.state
	if s.owner.Load() != 0 || !w.mayPass() {
		w.refused()
		return false
	}
	s.owner.Store(uint64(me()))
	w.served()
	if s.abandoned.Load() {
		w.err = ErrHolderDied
		s.abandoned.Store(false)
	}
	return true
}

func (w *lockWish) holders(list []identity) []identity {
	if owner := w.state.owner.Load(); owner != 0 {
		list = append(list, identity(owner))
	}
	return w.applicant.holders(list)
}

func (w *lockWish) fallen(id identity) {
	if s := w.state; s.owner.Load() == uint64(id) {
		s.abandoned.Store(true)
		s.owner.Store(0)
	}
	w.applicant.fallen(id)
}
