package gevent

import (
	"net"
	"os"
	"time"
)

// A foreign is how goroutines that are not the hub's use an fd: a second descriptor of the same socket, in the poller of
// Go's own runtime. It is made when the first such goroutine comes, since having every socket in two pollers makes
// each message some 45 % slower. So a library that starts goroutines of its own may be handed our connections: it is
// slower there, never wrong, and cannot stop the hub.
type foreign struct {
	conn     net.Conn
	listener net.Listener
}

// outside returns the fd as other goroutines use it.
func (f *fd) outside(name string, listener bool) (*foreign, error) {
	if o := f.foreign.Load(); o != nil {
		return o, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if o := f.foreign.Load(); o != nil {
		return o, nil
	}
	if f.closed.Load() {
		return nil, net.ErrClosed
	}
	sysfd, err := dupFd(int(f.sysfd))
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(sysfd), name)
	defer file.Close() // package net makes a descriptor of its own
	o := new(foreign)
	if listener {
		o.listener, err = net.FileListener(file)
	} else {
		o.conn, err = net.FileConn(file)
	}
	if err != nil {
		return nil, err
	}
	f.foreign.Store(o)
	f.deadlineForeign()
	return o, nil
}

// deadlineForeign gives the deadlines to what other goroutines use. Under f.mu: whoever sets a deadline while that is
// being made either is seen here or comes after.
func (f *fd) deadlineForeign() {
	o := f.foreign.Load()
	if o == nil {
		return
	}
	wall := func(s *side) time.Time {
		d := s.deadline.Load()
		if d == 0 {
			return time.Time{}
		}
		return time.Now().Add(time.Duration(d) - f.hub.sched.Now())
	}
	// Errors are those of a closed connection, which every use reports.
	if o.conn != nil {
		_ = o.conn.SetReadDeadline(wall(&f.r))
		_ = o.conn.SetWriteDeadline(wall(&f.w))
	}
	if l, ok := o.listener.(interface{ SetDeadline(time.Time) error }); ok {
		_ = l.SetDeadline(wall(&f.r))
	}
}

// closeForeign ends the use by other goroutines; f.closed is set already.
func (f *fd) closeForeign() {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.foreign.Load()
	if o == nil {
		return
	}
	if o.conn != nil {
		_ = o.conn.Close()
	}
	if o.listener != nil {
		_ = o.listener.Close()
	}
}
