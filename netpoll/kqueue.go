//go:build unix

package netpoll

import (
	"cmp"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

var _ backend = (*kqueue)(nil)

// kqueue is the backend of macOS and the BSDs. It is written against kqueueSystem, so that it is compiled and tested on every Unix,
// with a kernel written for the tests; kqueue_bsd.go binds it to the real one.
type kqueue struct {
	*registry
	system  kqueueSystem
	kq      int
	pipe    waker // nil where the kernel has user events
	changes [2]kevent
	raw     []kevent
}

// kqueueSystem is what the backend asks of the kernel.
type kqueueSystem struct {
	open func() (kq int, err error)
	// kevent is the system call: changes are applied in order, then up to len(events) are fetched. With no room for events the
	// first failing change ends the call with its errno, with room it becomes an event with evError.
	kevent func(kq int, changes, events []kevent, timeout time.Duration) (int, error)
	close  func(kq int) error
	pipe   func() (waker, error) // nil where the kernel has user events
}

// waker is a pipe, or acts as one.
type waker interface {
	fd() int       // the end to watch
	signal() error // safe from any goroutine
	drain() error
	close() error
}

// kevent is the portable form of the struct of that name, whose fields have other types on each system.
type kevent struct {
	ident  int
	filter filter
	flags  uint16
	fflags uint32
	data   int64
	udata  token
}

type filter uint8

const (
	readFilter filter = iota
	writeFilter
	userFilter
)

// The flags have these values on all systems; kqueue_bsd.go has the compiler check it.
const (
	evAdd       = 0x1
	evDelete    = 0x2
	evClear     = 0x20 // edge-triggered
	evError     = 0x4000
	evEOF       = 0x8000
	noteTrigger = 0x1000000
)

func newKqueue(r *registry, system kqueueSystem) (backend, error) {
	kq, err := system.open()
	if err != nil {
		return nil, os.NewSyscallError("kqueue", err)
	}
	k := &kqueue{registry: r, system: system, kq: kq}
	wakeup := kevent{filter: userFilter, flags: evAdd | evClear, udata: wakeToken}
	if system.pipe != nil {
		if k.pipe, err = system.pipe(); err != nil {
			return nil, errors.Join(err, k.close())
		}
		wakeup.filter, wakeup.ident = readFilter, k.pipe.fd()
	}
	if err := k.change([]kevent{wakeup}); err != nil {
		return nil, errors.Join(os.NewSyscallError("kevent", err), k.close())
	}
	return k, nil
}

func (k *kqueue) add(fd int, t token) error {
	k.changes = [2]kevent{
		{ident: fd, filter: readFilter, flags: evAdd | evClear, udata: t},
		{ident: fd, filter: writeFilter, flags: evAdd | evClear, udata: t},
	}
	if k.change(k.changes[:]) == nil {
		return nil
	}
	readErr, writeErr := k.change(k.changes[:1]), k.change(k.changes[1:])
	if lacksOneSide(readErr, writeErr) || lacksOneSide(writeErr, readErr) {
		return nil
	}
	// Nothing may stay behind of a failed add. Its errors tell nothing new, and a filter that was not added is not there.
	_ = k.remove(fd, t)
	return os.NewSyscallError("kevent", cmp.Or(readErr, writeErr))
}

// lacksOneSide: the one filter was taken and the other refused for what the fd is, as the write filter of a pipe whose reader is gone
// (EPIPE, on NetBSD EBADF), or of a device that is only read. An operation on that side fails without blocking, so nobody will
// wait for it, and the other filter tells of the hang-up.
func lacksOneSide(taken, refused error) bool {
	switch refused {
	case unix.EPIPE, unix.EBADF, unix.EINVAL, unix.ENODEV, unix.EPERM, unix.EOPNOTSUPP:
		return taken == nil
	}
	return false
}

func (k *kqueue) remove(fd int, _ token) error {
	k.changes = [2]kevent{
		{ident: fd, filter: readFilter, flags: evDelete},
		{ident: fd, filter: writeFilter, flags: evDelete},
	}
	if k.change(k.changes[:]) == nil {
		return nil
	}
	// One by one, since the first failure ended the call. A filter that add could not have, or the call did delete, is not there.
	var failed error
	for i := range k.changes {
		if err := k.change(k.changes[i : i+1]); err != unix.ENOENT {
			failed = cmp.Or(failed, err)
		}
	}
	return os.NewSyscallError("kevent", failed)
}

// change applies changes without fetching events, so that none is lost here. All of it can be done again after EINTR.
func (k *kqueue) change(changes []kevent) error {
	for {
		if _, err := k.system.kevent(k.kq, changes, nil, 0); err != unix.EINTR {
			return err
		}
	}
}

func (k *kqueue) wait(timeout time.Duration) error {
	room := k.room()
	if len(k.raw) < room {
		k.raw = make([]kevent, room)
	}
	n, err := k.system.kevent(k.kq, nil, k.raw[:room], timeout)
	if err == unix.EINTR {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("kevent", err)
	}
	for i := range k.raw[:n] {
		ev := &k.raw[i]
		if ev.udata == wakeToken && k.pipe != nil {
			if err := k.pipe.drain(); err != nil {
				return err
			}
		}
		k.report(ev.udata, kqueueMode(ev))
	}
	return nil
}

// wakeUp is read only, and not in a kqueue's scratch, since wake comes from any goroutine.
var wakeUp = []kevent{{filter: userFilter, fflags: noteTrigger, udata: wakeToken}}

func (k *kqueue) wake() error {
	if k.pipe != nil {
		return k.pipe.signal()
	}
	return os.NewSyscallError("kevent", k.change(wakeUp))
}

func (k *kqueue) close() error {
	err := os.NewSyscallError("close", k.system.close(k.kq))
	if k.pipe != nil {
		err = errors.Join(err, k.pipe.close())
	}
	return err
}

func (k *kqueue) fd() int      { return k.kq }
func (k *kqueue) name() string { return "kqueue" }

func kqueueMode(ev *kevent) Mode {
	if ev.flags&evError != 0 {
		return everyMode // the next operation will tell which error it is
	}
	m := Readable
	if ev.filter == writeFilter {
		m = Writable
	}
	if ev.flags&evEOF != 0 {
		m |= Hangup
	}
	return m
}
