package gevent

import (
	"cmp"
	"net"
	"syscall"

	"greenloop/sched"
)

// A rawConn is the descriptor of a connection or a listener, for what this package has no call for.
type rawConn struct {
	fd       *fd
	listener bool
	fail     func(op string, err error) error
}

// Control calls use with the descriptor, which stays open meanwhile. Does not park. Safe from any goroutine.
func (r rawConn) Control(use func(sysfd uintptr)) error {
	err := r.fd.control(r.listener, func(sysfd int) error {
		use(uintptr(sysfd))
		return nil
	})
	return r.failed("raw-control", err)
}

// Read calls try until that returns true, and waits before each further call until there may be something to read. It
// ends early as the connection's Read does.
func (r rawConn) Read(try func(sysfd uintptr) (done bool)) error {
	if r.listener {
		return r.fail("raw-read", syscall.EINVAL) // as package net says
	}
	if !r.fd.hub.here() {
		return r.failed("raw-read", r.outside(func(o syscall.RawConn) error { return o.Read(try) }))
	}
	return r.failed("raw-read", r.fd.attempt(&r.fd.r, readable, toRead, try))
}

// Write is Read for writing; it takes turns with other writes.
func (r rawConn) Write(try func(sysfd uintptr) (done bool)) error {
	if r.listener {
		return r.fail("raw-write", syscall.EINVAL)
	}
	if !r.fd.hub.here() {
		return r.failed("raw-write", r.outside(func(o syscall.RawConn) error { return o.Write(try) }))
	}
	return r.failed("raw-write", r.fd.writeBy("write", func(sysfd int) (bool, syscall.Errno) {
		if !try(uintptr(sysfd)) {
			return false, syscall.EAGAIN
		}
		return true, 0
	}))
}

func (r rawConn) outside(use func(syscall.RawConn) error) error {
	o, err := r.fd.outsideRaw(r.listener)
	if err != nil {
		return err
	}
	return use(o)
}

func (r rawConn) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return r.fail(op, err)
}

// attempt calls try until that returns true, waiting in between until an operation on s may succeed.
func (f *fd) attempt(s *side, m mode, why sched.Reason, try func(uintptr) bool) error {
	f.hub.sched.Spend()
	for {
		if err := f.check(s); err != nil {
			return err
		}
		if try(uintptr(f.sysfd)) {
			return nil
		}
		s.ready = false
		if err := f.wait(s, m, why); err != nil {
			return err
		}
	}
}

// control does something to the socket that does not wait: on the hub's thread to its descriptor, which stays open
// meanwhile since that thread closes it, elsewhere to the other goroutines' one.
func (f *fd) control(listener bool, do func(sysfd int) error) error {
	if f.hub.here() {
		if f.closed.Load() {
			return net.ErrClosed
		}
		return do(int(f.sysfd))
	}
	o, err := f.outsideRaw(listener)
	if err != nil {
		return err
	}
	var failed error
	err = o.Control(func(sysfd uintptr) { failed = do(int(sysfd)) })
	return cmp.Or(err, failed)
}

// outsideRaw returns the descriptor that other goroutines use.
func (f *fd) outsideRaw(listener bool) (syscall.RawConn, error) {
	o, err := f.outside("socket", listener)
	if err != nil {
		return nil, err
	}
	if listener {
		return o.listener.(syscall.Conn).SyscallConn()
	}
	return o.conn.(syscall.Conn).SyscallConn()
}

// A newSocket is a socket that is in no use yet, as a Control function gets it: nothing can be awaited at it.
type newSocket int

// Control calls use with the descriptor.
func (s newSocket) Control(use func(sysfd uintptr)) error {
	use(uintptr(s))
	return nil
}

// Read fails with ENOTCONN.
func (s newSocket) Read(func(uintptr) bool) error { return syscall.ENOTCONN }

// Write fails with ENOTCONN.
func (s newSocket) Write(func(uintptr) bool) error { return syscall.ENOTCONN }
