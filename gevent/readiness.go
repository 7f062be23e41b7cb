package gevent

import (
	"fmt"
	"net"
)

// A Readiness is that something can be read from, or written to, without waiting: what the Readable and Writable methods of
// connections, listeners, streams and FdWatches return. It can be waited for together with greenlets, events and all else
// that Wait takes, and with others by Poll. It is a value: two of the same thing are equal.
//
// That one is ready is true at that moment: before the operation another greenlet may have taken what there was. What is
// closed is ready, since nobody waits at it any more; Err tells, and so does the operation.
type Readiness struct {
	fd   *fd
	mode mode
}

// Readable is ready when a Read of the connection would not wait, see WaitRead. Safe from any goroutine.
func (c *conn) Readable() Readiness { return Readiness{&c.fd, readable} }

// Writable is ready when a Write of at least one byte would not wait, see WaitWrite. Safe from any goroutine.
func (c *conn) Writable() Readiness { return Readiness{&c.fd, writable} }

// Readable is ready when an Accept would not wait. Safe from any goroutine.
func (l *listener) Readable() Readiness { return Readiness{&l.fd, readable} }

// Readable is ready when a Read of the stream would not wait. Safe from any goroutine.
func (s *Stream) Readable() Readiness { return Readiness{&s.fd, readable} }

// Writable is ready when a Write of at least one byte would not wait. Safe from any goroutine.
func (s *Stream) Writable() Readiness { return Readiness{&s.fd, writable} }

// Ready reports whether the operation would not wait, for which it asks the system. Hub thread only.
func (r Readiness) Ready() bool {
	f := r.fd
	f.mustBeHere("Ready")
	if f.closed.Load() {
		return true
	}
	s := r.side()
	if !s.ready && !(s == &f.r && f.hup) {
		return false
	}
	s.ready = sysReady(int(f.sysfd), r.mode)
	return s.ready
}

// Err returns net.ErrClosed if what it is of has been closed, else nil. Hub thread only.
func (r Readiness) Err() error {
	if r.fd.closed.Load() {
		return net.ErrClosed
	}
	return nil
}

func (r Readiness) String() string {
	what := "readable"
	if r.mode == writable {
		what = "writable"
	}
	return fmt.Sprintf("fd %d %s", r.fd.sysfd, what)
}

func (r Readiness) side() *side {
	if r.mode == writable {
		return &r.fd.w
	}
	return &r.fd.r
}

func (r Readiness) observe(o *observer) {
	f := r.fd
	f.mustBeHere("Wait")
	if r.Ready() {
		o.notify()
		return
	}
	if f.observed == nil {
		f.observed = new(readiness)
	}
	_ = f.hub.poll.Arm(&f.watcher, r.mode) // it fails for what is not registered, hence closed
	f.observed.of(r.mode).add(o)
	f.count()
}

func (r Readiness) ignore(o *observer) {
	if o.list != nil {
		o.list.remove(o)
		r.fd.count()
	}
}

// readiness has the observers of an fd.
type readiness struct {
	r, w    observers
	counted bool // the hub counts them as one that waits for an event
}

func (x *readiness) of(m mode) *observers {
	if m == writable {
		return &x.w
	}
	return &x.r
}

// tell notifies the observers of the modes m.
func (f *fd) tell(m mode) {
	if m&readable != 0 {
		f.observed.r.tell()
	}
	if m&writable != 0 {
		f.observed.w.tell()
	}
	f.count()
}

// count makes the hub know whether somebody waits here, without which a state in which nobody else does is a deadlock.
func (f *fd) count() {
	x := f.observed
	if waits := !x.r.empty() || !x.w.empty(); waits != x.counted {
		x.counted = waits
		if waits {
			f.hub.waiting++
		} else {
			f.hub.waiting--
		}
	}
}

// mustBeHere panics if f belongs to another hub than the caller's.
func (f *fd) mustBeHere(call string) {
	if !f.hub.here() && !f.hub.closed.Load() {
		panic("gevent: " + call + " of a descriptor of another hub, or on a goroutine that is not the hub's")
	}
}
