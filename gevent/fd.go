package gevent

import (
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"greenloop/sched"
)

// An fd is an open file descriptor of a hub. All waiting on sockets is written here, once: try the operation, on EAGAIN
// park until the poller says that it may succeed, try again.
//
// Except for what is atomic or under mu, its fields belong to the hub's thread.
type fd struct {
	watcher  watcher
	hub      *Hub
	r, w     side
	sysfd    int32
	socket   bool          // recv and send will do, see sysRead
	hup      bool          // the peer closed its side, or the fd failed: reads try at once
	bounded  bool          // reads end at bounds in what has come: a short one is no sign that nothing is left
	borrowed bool          // the descriptor is somebody else's, who closes it
	limit    time.Duration // of each single wait; 0 for none
	writer   *sched.Task   // has parked in a Write half-way, or is about to take over; others wait in turn
	turn     *sched.WaitQueue

	observed *readiness // what waits for several things; nil before the first

	prev, next *fd // all fds of the hub

	closed  atomic.Bool
	lingers atomic.Bool             // a close would wait for the peer, which the hub's thread must not
	mu      sync.Mutex              // guards the birth and death of foreign against Close
	foreign atomic.Pointer[foreign] // what other goroutines use; nil until one does
}

// maxIO bounds one system call, as package net does: some systems refuse more than 2 GiB, or take it amiss.
const maxIO = 1 << 30

// A side is one direction of an fd.
type side struct {
	ready    bool            // the operation may succeed; false only if it would return EAGAIN
	waiters  sched.WaitQueue // greenlets in need of readiness
	deadline atomic.Int64    // on the hub's clock; 0 for none
}

// register makes sysfd, which must be non-blocking, an fd of the hub. If it fails sysfd is closed.
func (h *Hub) register(f *fd, sysfd int) error {
	f.hub, f.sysfd = h, int32(sysfd)
	f.r.ready, f.w.ready = true, true
	f.watcher.Owner = f
	if err := h.poll.Add(sysfd, &f.watcher); err != nil {
		f.giveBack(sysfd)
		return err
	}
	f.next = h.fds
	if f.next != nil {
		f.next.prev = f
	}
	h.fds = f
	return nil
}

// giveBack closes the descriptor, if that is ours to do.
func (f *fd) giveBack(sysfd int) {
	// The error of a close would be that of one closed behind our back.
	switch {
	case f.borrowed:
	case f.lingers.Load():
		go func() { _ = closeFd(sysfd) }()
	default:
		_ = closeFd(sysfd)
	}
}

// event takes note of what the poller reports.
func (f *fd) event(m mode) {
	if m&hangup != 0 {
		f.hup = true
	}
	if m&readable != 0 {
		f.r.ready = true
		f.r.waiters.WakeAll()
	}
	if m&writable != 0 {
		f.w.ready = true
		f.w.waiters.WakeAll()
	}
	if f.observed != nil {
		f.tell(m)
	}
}

// What a greenlet waits for at an fd. As values of the interface, so that none is made for each wait.
var (
	toRead    sched.Reason = sched.Why("read")
	toWrite   sched.Reason = sched.Why("write")
	toAccept  sched.Reason = sched.Why("accept")
	toConnect sched.Reason = sched.Why("connect")

	toTakeTurns sched.Reason = sched.Why("turn to write")
)

// wait parks the current greenlet until s may be ready. It returns early, with nil, if the deadline is moved or the fd is
// closed: the caller looks again in any case.
//
// Its frame is kept small, as are those on the way to it: many greenlets wait here, each with a stack of 2 KiB if that is
// enough.
func (f *fd) wait(s *side, m mode, why sched.Reason) error {
	deadline := sched.Never
	if d := s.deadline.Load(); d != 0 {
		deadline = time.Duration(d)
	}
	if f.limit > 0 {
		deadline = min(deadline, f.hub.sched.After(f.limit))
	}
	if err := f.hub.poll.Arm(&f.watcher, m); err != nil {
		return err
	}
	f.hub.waiting++
	defer f.waited() // in a deferred call, since a kill ends the wait by Goexit
	if err := s.waiters.WaitUntil(f.hub.sched, why, deadline); err != nil {
		return f.waitFailed(err, deadline)
	}
	return nil
}

func (f *fd) waitFailed(err error, deadline time.Duration) error {
	if err == sched.ErrTimeout && deadline <= f.hub.sched.Now() { // that very value: else it was thrown, or is a scope's
		return os.ErrDeadlineExceeded
	}
	return err
}

func (f *fd) waited() { f.hub.waiting-- }

// check returns why an operation on s cannot even begin.
func (f *fd) check(s *side) error {
	if f.closed.Load() {
		return net.ErrClosed
	}
	if d := s.deadline.Load(); d != 0 && time.Duration(d) <= f.hub.sched.Now() {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// read reads into b once data have come. It spends of the budget before it takes anything: a kill that ends it there loses
// no byte.
func (f *fd) read(b []byte) (int, error) {
	f.hub.sched.Spend()
	for {
		if err := f.check(&f.r); err != nil {
			return 0, err
		}
		if len(b) == 0 {
			return 0, nil
		}
		if f.r.ready || f.hup {
			n, errno := sysRead(int(f.sysfd), f.socket, b[:min(len(b), maxIO)])
			switch {
			case n > 0:
				// After a short read the next one would only say EAGAIN: going straight to the poller saves one
				// system call in two. What comes later is a new edge, and an end of stream shows as hup.
				f.r.ready = f.bounded || n == min(len(b), maxIO)
				return n, nil
			case errno == 0:
				return 0, io.EOF
			case errno == syscall.EINTR:
				continue
			case errno != syscall.EAGAIN:
				return 0, os.NewSyscallError("read", errno)
			}
			f.r.ready = false
		}
		if err := f.wait(&f.r, readable, toRead); err != nil {
			return 0, err
		}
	}
}

// await waits until an operation on s would not wait. Whether a side that is ready has something indeed only the system
// knows: it is asked.
func (f *fd) await(s *side, m mode, why sched.Reason) error {
	f.hub.sched.Spend()
	for {
		if err := f.check(s); err != nil {
			return err
		}
		if s.ready || s == &f.r && f.hup {
			if sysReady(int(f.sysfd), m) {
				return nil
			}
			s.ready = false
		}
		if err := f.wait(s, m, why); err != nil {
			return err
		}
	}
}

// write writes all of b. Writes of several greenlets do not mix.
func (f *fd) write(b []byte) (int, error) {
	f.hub.sched.Spend()
	if err := f.check(&f.w); err != nil {
		return 0, err
	}
	if len(b) == 0 {
		return 0, nil
	}
	if f.writer != nil || !f.w.ready {
		return f.writeRest(b, 0)
	}
	n, errno := sysWrite(int(f.sysfd), f.socket, b[:min(len(b), maxIO)])
	if n == len(b) {
		return n, nil
	}
	if n < 0 && errno != syscall.EAGAIN && errno != syscall.EINTR {
		return 0, os.NewSyscallError("write", errno)
	}
	return f.writeRest(b, max(n, 0))
}

// writeRest is the part of write that may park, after done bytes have been written.
func (f *fd) writeRest(b []byte, done int) (int, error) {
	err := f.writeBy("write", func(sysfd int) (bool, syscall.Errno) {
		n, errno := sysWrite(sysfd, f.socket, b[done:min(len(b), done+maxIO)])
		done += max(n, 0)
		return done == len(b), errno
	})
	return done, err
}

// writeBy makes a write of several system calls, named call: it calls step, which makes one, until that says that it was
// the last or fails, and waits where it would block. Writes of other greenlets come before or after all of it.
func (f *fd) writeBy(call string, step func(sysfd int) (last bool, errno syscall.Errno)) error {
	if err := f.takeTurn(); err != nil {
		return err
	}
	defer f.passTurn() // also if we are killed half-way
	for {
		f.hub.sched.Spend()
		if err := f.check(&f.w); err != nil {
			return err
		}
		last, errno := step(int(f.sysfd))
		switch {
		case errno == syscall.EAGAIN:
			f.w.ready = false
			if err := f.wait(&f.w, writable, toWrite); err != nil {
				return err
			}
		case errno != 0 && errno != syscall.EINTR:
			return os.NewSyscallError(call, errno)
		case last:
			return nil
		}
	}
}

// waitTurn waits until the greenlet that is writing hands over to the current one. It needs no timer: who writes has the
// same deadline, hands over then, and so on down the queue.
func (f *fd) waitTurn(me *sched.Task) error {
	for f.writer != nil && f.writer != me { // others may make us ready, too: what counts is whose turn it is
		if f.closed.Load() { // only here: who has got the turn must pass it on, and finds out then
			return net.ErrClosed
		}
		if f.turn == nil {
			f.turn = new(sched.WaitQueue)
		}
		if err := f.turn.Wait(f.hub.sched, toTakeTurns); err != nil {
			return err
		}
	}
	return nil
}

// takeTurn makes the current greenlet the one that writes; passTurn ends that.
func (f *fd) takeTurn() error {
	me := f.hub.sched.Current()
	if err := f.waitTurn(me); err != nil {
		return err
	}
	f.writer = me
	return nil
}

// passTurn hands over to the greenlet that has waited longest for its turn: nobody, least of all the one who has just
// written, gets in before it.
func (f *fd) passTurn() {
	f.writer = nil
	if f.turn != nil {
		f.writer = f.turn.Wake()
	}
}

// setDeadline sets the deadline of the sides given, for greenlets and for other goroutines, and moves that of who waits.
func (f *fd) setDeadline(t time.Time, sides ...*side) error {
	if f.closed.Load() {
		return net.ErrClosed
	}
	var deadline int64
	if !t.IsZero() {
		deadline = max(int64(f.hub.sched.After(time.Until(t))), 1)
	}
	for _, s := range sides {
		s.deadline.Store(deadline)
	}
	if f.foreign.Load() != nil {
		f.mu.Lock()
		f.deadlineForeign()
		f.mu.Unlock()
	}
	if f.hub.here() {
		wakeAll(sides)
		return nil
	}
	others := slices.Clone(sides)          // so that sides stays on the caller's stack
	f.hub.Post(func() { wakeAll(others) }) // if the hub has ended nobody waits there
	return nil
}

func wakeAll(sides []*side) {
	for _, s := range sides {
		s.waiters.WakeAll()
	}
}

// close makes all operations fail with net.ErrClosed, those that wait as well. Safe from any goroutine.
func (f *fd) close() error {
	if f.closed.Swap(true) {
		return net.ErrClosed
	}
	f.closeForeign()
	if f.hub.here() {
		f.release()
	} else {
		f.hub.Post(f.release) // a hub that is ending refuses this, and releases all its fds itself
	}
	return nil
}

// release wakes who waits and gives the descriptor back. Hub thread only.
func (f *fd) release() {
	if f.sysfd < 0 {
		return
	}
	// The error would be that of a poller closed before, or of a descriptor closed behind our back.
	_ = f.hub.poll.Remove(&f.watcher)
	f.giveBack(int(f.sysfd))
	f.sysfd = -1
	delete(f.hub.files, f)
	f.r.waiters.WakeAll()
	f.w.waiters.WakeAll()
	if f.turn != nil {
		f.turn.WakeAll()
	}
	if f.observed != nil {
		f.tell(readable | writable)
	}
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		f.hub.fds = f.next
	}
	if f.next != nil {
		f.next.prev = f.prev
	}
	f.prev, f.next = nil, nil
}

// closeAll closes what is open when the hub ends.
func (h *Hub) closeAll() {
	for h.fds != nil {
		f := h.fds
		f.closed.Store(true)
		if l := h.files[f]; l != nil {
			l.removeFile()
		}
		f.closeForeign() // whoever closes it now may not have come that far: nobody may dup the descriptor any more
		f.release()
	}
	h.pipes.closeAll()
}
