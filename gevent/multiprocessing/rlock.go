package multiprocessing

import (
	"runtime"
	"sync/atomic"
	"time"

	"greenloop/gevent"
)

// An RLock is a Lock that its owner, a greenlet of a process, may acquire again; it is free when it has been released as
// often. Only the owner may release it. Raw greenlets and generators inside a greenlet own in its name. It travels and
// is closed as a Lock, and is shared as fairly.
//
// If the owner's process ends, the next owner gets ErrHolderDied. A greenlet that ends alone must release it before, in
// a deferred call: until its process ends the lock is held by nobody who could release it.
type RLock struct{ shared }

// An rlockState is what is shared of an RLock. While there is no owner the rest means nothing.
type rlockState struct {
	lockState
	greenlet atomic.Uint64 // of the owner, a number that no other one of its process has or had
	depth    atomic.Int64  // how often it has acquired the lock
}

var (
	greenlets       atomic.Uint64
	greenletNumbers = gevent.Local[uint64]{Init: func() uint64 { return greenlets.Add(1) }}
)

// owned reports whether that greenlet of this process has the lock. That does not change meanwhile.
func (s *rlockState) owned(greenlet uint64) bool {
	return s.owner.Load() == uint64(me()) && s.greenlet.Load() == greenlet
}

// NewRLock returns an RLock that is free. The error is that of the system, such as EMFILE, or errors.ErrUnsupported.
// Hub thread only.
func NewRLock() (*RLock, error) {
	r, err := newRegion(rlockKind, sizeOf[rlockState](), 0)
	if err != nil {
		return nil, err
	}
	return &RLock{shared{r}}, nil
}

// GobDecode opens the lock that has come, for package gob.
func (l *RLock) GobDecode(b []byte) error { return l.arrive(b, rlockKind, 0) }

// Acquire waits until the lock is free or the caller's own, and takes it once more. With ErrHolderDied it has been
// taken, too. Any other error was thrown at the greenlet. Parks. Hub thread only.
func (l *RLock) Acquire() error { return l.AcquireTimeout(gevent.Never) }

// AcquireTimeout is Acquire that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it waits
// for nothing. Parks. Hub thread only.
func (l *RLock) AcquireTimeout(d time.Duration) error { return l.regain(d, 1) }

// TryAcquire takes the lock if it is free or the caller's own, and reports whether it did. The error may be
// ErrHolderDied, then it did. Does not park. Hub thread only.
func (l *RLock) TryAcquire() (bool, error) { return tried(l.AcquireTimeout(0)) }

// Release undoes one Acquire; the last one frees the lock. If the current greenlet does not own it, that is ErrNotHeld.
// Does not park. Hub thread only.
func (l *RLock) Release() error {
	r, err := l.open()
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(r)
	s := at[rlockState](r, 0)
	if !s.owned(greenletNumbers.Get()) {
		return ErrNotHeld
	}
	if s.depth.Load() > 1 {
		s.depth.Add(-1)
		return nil
	}
	l.drop()
	return nil
}

// With calls fn while it holds the lock, and returns its error. If the lock could not be acquired, fn is not called; if
// the former owner's process has died it is not called either, the lock is released, and the error is ErrHolderDied.
// Parks. Hub thread only.
func (l *RLock) With(fn func() error) error { return with(l, fn) }

// Locked reports whether somebody owns the lock, or its owner has died and nobody has noticed. Hub thread only.
func (l *RLock) Locked() bool {
	r := l.use(rlockKind)
	defer runtime.KeepAlive(r)
	return at[rlockState](r, 0).owner.Load() != 0
}

// Owned reports whether the current greenlet owns the lock. Hub thread only.
func (l *RLock) Owned() bool { return l.held() }

func (l *RLock) held() bool {
	r := l.use(rlockKind)
	defer runtime.KeepAlive(r)
	return at[rlockState](r, 0).owned(greenletNumbers.Get())
}

func (l *RLock) depth() int64 {
	r := l.use(rlockKind)
	defer runtime.KeepAlive(r)
	return at[rlockState](r, 0).depth.Load()
}

func (l *RLock) drop() {
	r := l.use(rlockKind)
	s := at[rlockState](r, 0)
	r.surely(func() {
		r.ring()
		s.owner.Store(0)
	})
}

func (l *RLock) regain(d time.Duration, depth int64) error {
	r, err := l.open()
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(r)
	s, greenlet := at[rlockState](r, 0), greenletNumbers.Get()
	if s.owned(greenlet) {
		s.depth.Add(depth)
		return nil
	}
	now := rlockWish{newLockWish(r, &s.lockState), s, greenlet, depth}
	if !r.turn.Locked() && now.atOnce() {
		return now.err
	}
	w := now
	return w.await(d, &w)
}

func (l *RLock) another() (Locker, error) {
	s, err := l.again()
	return &RLock{s}, err
}

// An rlockWish is a lockWish of a greenlet.
type rlockWish struct {
	lockWish
	state    *rlockState
	greenlet uint64
	depth    int64
}

// atOnce is lockWish.atOnce.
func (w *rlockWish) atOnce() bool {
	w.region.enter()
	granted := w.granted()
	w.region.leave()
	return granted
}

func (w *rlockWish) granted() bool {
	if w.state.owner.Load() == 0 { // set before there is an owner whom they could be taken for
		w.state.greenlet.Store(w.greenlet)
		w.state.depth.Store(w.depth)
	}
	return w.lockWish.granted()
}
