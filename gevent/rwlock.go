package gevent

import (
	"time"

	"greenloop/sched"
)

// An RWLock is held by any number of readers or by one writer. Who cannot have it at once waits in one line: a reader
// that comes after a waiting writer waits behind it, so that neither readers nor writers starve, and readers that stand
// together get it together. A reader must not acquire it again while it holds it, nor turn into a writer: it might wait
// for itself. The zero value is free. It must not be copied.
type RWLock struct {
	home
	readers int
	writing bool
	writer  *sched.Task // if writing; nil if the loop took it

	waiters       sched.WaitQueue // what each waits for, its reason says
	reads, writes turns
}

// What somebody waits for.
type (
	readReason  RWLock
	writeReason RWLock
)

func (l *readReason) String() string          { return heldBy("rwlock to read", l.writer) }
func (l *readReason) Holders() []*sched.Task  { return holders(l.writer) }
func (l *writeReason) String() string         { return heldBy("rwlock to write", l.writer) }
func (l *writeReason) Holders() []*sched.Task { return holders(l.writer) }

// AcquireRead waits until no writer has the lock or stands in line before the caller, and takes it for reading. The
// error is one that was thrown at the greenlet; then it has not got the lock. Parks. Hub thread only.
func (l *RWLock) AcquireRead() error {
	h := l.at("RWLock.AcquireRead")
	h.atOnce()
	if l.takeRead() {
		return nil
	}
	return l.wait(h, &l.reads, (*readReason)(l), sched.Never)
}

// AcquireReadTimeout is AcquireRead that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it
// still lets all run that is ready. Parks. Hub thread only.
func (l *RWLock) AcquireReadTimeout(d time.Duration) error {
	h := l.at("RWLock.AcquireReadTimeout")
	h.atOnce()
	if d <= 0 {
		return h.chance(l.takeRead)
	}
	if l.takeRead() {
		return nil
	}
	return l.wait(h, &l.reads, (*readReason)(l), h.sched.After(d))
}

// TryAcquireRead takes the lock for reading if that needs no wait, and reports whether it did; when it fails it yields
// now and then, as Lock.TryAcquire does. Hub thread only.
func (l *RWLock) TryAcquireRead() bool {
	h := l.at("RWLock.TryAcquireRead")
	if l.takeRead() {
		return true
	}
	h.atOnce()
	return false
}

func (l *RWLock) takeRead() bool {
	if l.writing || l.waiters.First() != nil {
		return false
	}
	l.readers++
	return true
}

// ReleaseRead undoes one AcquireRead, whoever made it. It panics if nobody reads. Hub thread only.
func (l *RWLock) ReleaseRead() {
	l.at("RWLock.ReleaseRead")
	if l.readers == 0 {
		panic("gevent: ReleaseRead of an RWLock that nobody reads; call it once for each AcquireRead that returned nil")
	}
	l.readers--
	l.admit()
}

// AcquireWrite waits until nobody has the lock or stands in line before the caller, and takes it for writing. The error
// is one that was thrown at the greenlet; then it has not got the lock. Parks. Hub thread only.
func (l *RWLock) AcquireWrite() error {
	h := l.at("RWLock.AcquireWrite")
	h.atOnce()
	if l.takeWrite(h) {
		return nil
	}
	return l.waitWrite(h, sched.Never)
}

// AcquireWriteTimeout is AcquireWrite that waits no longer than d, and returns ErrTimeout then; with a d of zero or less
// it still lets all run that is ready. Parks. Hub thread only.
func (l *RWLock) AcquireWriteTimeout(d time.Duration) error {
	h := l.at("RWLock.AcquireWriteTimeout")
	h.atOnce()
	if d <= 0 {
		return h.chance(func() bool { return l.takeWrite(h) })
	}
	if l.takeWrite(h) {
		return nil
	}
	return l.waitWrite(h, h.sched.After(d))
}

// TryAcquireWrite takes the lock for writing if it is free, and reports whether it was; when it fails it yields now and
// then, as Lock.TryAcquire does. Hub thread only.
func (l *RWLock) TryAcquireWrite() bool {
	h := l.at("RWLock.TryAcquireWrite")
	if l.takeWrite(h) {
		return true
	}
	h.atOnce()
	return false
}

func (l *RWLock) takeWrite(h *Hub) bool {
	if l.writing || l.readers > 0 || l.waiters.First() != nil {
		return false
	}
	l.writing, l.writer = true, h.sched.Current()
	return true
}

// ReleaseWrite gives the lock to whoever is next in line, a writer or all readers up to the next one. Any greenlet may
// call it. It panics if nobody writes. Hub thread only.
func (l *RWLock) ReleaseWrite() {
	l.at("RWLock.ReleaseWrite")
	if !l.writing {
		panic("gevent: ReleaseWrite of an RWLock that nobody writes; call it once for each AcquireWrite that returned nil")
	}
	l.writing, l.writer = false, nil
	l.admit()
}

func (l *RWLock) waitWrite(h *Hub, deadline time.Duration) error {
	if err := l.wait(h, &l.writes, (*writeReason)(l), deadline); err != nil {
		return err
	}
	l.writer = h.sched.Current()
	return nil
}

func (l *RWLock) wait(h *Hub, kind *turns, why sched.Reason, deadline time.Duration) error {
	got := false
	defer func() {
		if !got {
			l.admit() // a writer that has left the line may have stood before readers that need not wait
		}
	}()
	err := kind.take(h, &l.waiters, why, deadline)
	got = err == nil
	return err
}

// admit lets in whoever can have the lock now, in order.
func (l *RWLock) admit() {
	for first := l.waiters.First(); first != nil && !l.writing; first = l.waiters.First() {
		if _, reads := first.Why().(*readReason); reads {
			l.readers++
			l.reads.give(&l.waiters)
			continue
		}
		if l.readers == 0 {
			l.writing, l.writer = true, l.writes.give(&l.waiters)
		}
		return
	}
}

// Reading returns how many hold the lock for reading. Hub thread only.
func (l *RWLock) Reading() int { return l.readers }

// Writing reports whether somebody holds the lock for writing. Hub thread only.
func (l *RWLock) Writing() bool { return l.writing }
