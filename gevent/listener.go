package gevent

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// A listener is what every listening socket is.
type listener struct {
	fd   fd
	addr net.Addr
	// welcome makes a connection of a socket that was accepted; if it fails the socket is closed.
	welcome func(sysfd int, peer sysAddr) (net.Conn, error)
	// keep is set on the TCP connections that other goroutines accept; nil where package net's default is right.
	keep *net.KeepAliveConfig
}

// Accept waits for a connection and returns it, to a greenlet a *TCPConn or *UnixConn; another goroutine gets one of
// package net. It ends early with net.ErrClosed on Close, an os.ErrDeadlineExceeded at the deadline, or an error thrown
// at the greenlet. When descriptors have run out it fails at once with the system's error (EMFILE); the connection stays
// in the queue, so a caller tries again after a pause, as StreamServer does. Parks. Safe from any goroutine.
func (l *listener) Accept() (net.Conn, error) {
	if !l.fd.hub.here() {
		return l.acceptOutside()
	}
	c, err := l.accept()
	if err != nil {
		return nil, l.fail("accept", err)
	}
	return c, nil
}

func (l *listener) accept() (net.Conn, error) {
	f := &l.fd
	f.hub.sched.Spend() // here, where a kill finds no descriptor in our hands
	for {
		if err := f.check(&f.r); err != nil {
			return nil, err
		}
		if f.r.ready {
			sysfd, peer, err := sysAccept(int(f.sysfd))
			switch {
			case err == nil:
				return l.welcome(sysfd, peer)
			case isGone(err):
				continue
			case !isAgain(err):
				return nil, err
			}
			f.r.ready = false
		}
		if err := f.wait(&f.r, readable, toAccept); err != nil {
			return nil, err
		}
	}
}

func (l *listener) acceptOutside() (net.Conn, error) {
	o, err := l.fd.outside("listener", true)
	if err != nil {
		return nil, l.fail("accept", err)
	}
	c, err := o.listener.Accept()
	if t, ok := c.(*net.TCPConn); ok && err == nil && l.keep != nil {
		_ = t.SetKeepAliveConfig(*l.keep) // if its peer has gone already the first read will tell
	}
	return c, err
}

// SetDeadline sets the time after which Accept fails with os.ErrDeadlineExceeded; zero means none. Safe from any goroutine.
func (l *listener) SetDeadline(t time.Time) error {
	return l.failed("set", l.fd.setDeadline(t, &l.fd.r))
}

// Close stops listening. Whoever waits in Accept gets an error that is net.ErrClosed. Does not park. Safe from any
// goroutine.
func (l *listener) Close() error { return l.failed("close", l.fd.close()) }

// Addr returns the address that is listened on, with the port that was chosen if 0 was asked for. Safe from any goroutine.
func (l *listener) Addr() net.Addr { return l.addr }

// SyscallConn returns the descriptor of the listener, for options that this package has no call for. Its Control is safe
// from any goroutine; its Read and Write fail, as those of package net's listeners. Safe from any goroutine.
func (l *listener) SyscallConn() (syscall.RawConn, error) {
	if l.fd.closed.Load() {
		return nil, l.fail("raw-control", net.ErrClosed)
	}
	return rawConn{&l.fd, true, l.fail}, nil
}

// File returns a second descriptor of the same socket, such as to pass it on to a child process. It is the caller's to
// close; closing one does not close the other, and the file of a Unix socket still goes with the listener. It does not
// block, nor may it be made to: that holds for both. Safe from any goroutine.
func (l *listener) File() (*os.File, error) {
	var file *os.File
	err := l.fd.control(true, func(sysfd int) (err error) {
		file, err = dupFile(sysfd, fmt.Sprint(l.network(), ":", l.addr))
		return err
	})
	return file, l.failed("file", err)
}

func (l *listener) network() string { return networkOf(l.addr) }

func (l *listener) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: l.network(), Addr: l.addr, Err: err}
}

func (l *listener) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return l.fail(op, err)
}

// dupFile returns a second descriptor of a socket as a file.
func dupFile(sysfd int, name string) (*os.File, error) {
	n, err := dupFd(sysfd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(n), name), nil
}
