package gevent

import (
	"cmp"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"greenloop/sched"
)

// A conn is what every connected socket is. In a greenlet its calls park that greenlet alone; on any other goroutine
// they block that goroutine, as those of package net do, and never the hub. Several greenlets may read and write at the
// same time: a write is not mixed with another one. It belongs to the hub that made it, and is closed when that ends.
type conn struct {
	fd            fd
	local, remote net.Addr
}

// Read reads what has come, waiting for at least one byte. It ends early with io.EOF when the peer has closed its
// side, an os.ErrDeadlineExceeded at the read deadline, a net.ErrClosed on Close, or with an error thrown at the greenlet. Parks. Safe from any goroutine.
func (c *conn) Read(b []byte) (int, error) {
	if !c.fd.hub.here() {
		return c.readOutside(b)
	}
	n, err := c.fd.read(b)
	if err != nil {
		err = c.readFailed(err)
	}
	return n, err
}

// Write writes all of b, waiting for the peer to take it as long as needed. It ends early, with the number of bytes
// written, as Read does; the deadline is the write deadline. Parks. Safe from any goroutine.
func (c *conn) Write(b []byte) (int, error) {
	if !c.fd.hub.here() {
		return c.writeOutside(b)
	}
	n, err := c.fd.write(b)
	if err != nil {
		err = c.fail("write", err)
	}
	return n, err
}

func (c *conn) readOutside(b []byte) (int, error) {
	o, err := c.outside("read")
	if err != nil {
		return 0, err
	}
	return o.Read(b)
}

func (c *conn) writeOutside(b []byte) (int, error) {
	o, err := c.outside("write")
	if err != nil {
		return 0, err
	}
	return o.Write(b)
}

func (c *conn) outside(op string) (net.Conn, error) {
	o, err := c.fd.outside(c.network(), false)
	if err != nil {
		return nil, c.fail(op, err)
	}
	return o.conn, nil
}

// Close closes the connection. Whoever waits on it, greenlet or goroutine, gets an error that is net.ErrClosed; so does
// a second Close. Does not park. Safe from any goroutine.
func (c *conn) Close() error {
	if err := c.fd.close(); err != nil {
		return c.fail("close", err)
	}
	return nil
}

// WaitRead waits until a Read would not have to wait: data have come, the peer has closed its side, or the connection has
// failed, which the Read then tells. So a greenlet need not hold a buffer while nothing comes. It ends early as Read does.
// Parks. Safe from any goroutine.
func (c *conn) WaitRead() error {
	return c.await("read", &c.fd.r, readable, toRead, syscall.RawConn.Read)
}

// WaitWrite waits until a Write of at least one byte would not have to wait. It ends early as Write does. Parks. Safe
// from any goroutine.
func (c *conn) WaitWrite() error {
	return c.await("write", &c.fd.w, writable, toWrite, syscall.RawConn.Write)
}

func (c *conn) await(op string, s *side, m mode, why sched.Reason, outside func(syscall.RawConn, func(uintptr) bool) error) error {
	var err error
	if c.fd.hub.here() {
		err = c.fd.await(s, m, why)
	} else {
		err = c.raw(op, func(o syscall.RawConn) error {
			return outside(o, func(sysfd uintptr) bool { return sysReady(int(sysfd), m) })
		})
	}
	if err != nil {
		return c.fail(op, err)
	}
	return nil
}

// control does something to the socket that does not wait: on the hub's thread to its descriptor, which stays open
// meanwhile since that thread closes it, elsewhere to the other goroutines' one.
func (c *conn) control(op string, do func(sysfd int) error) error {
	var err error
	switch {
	case !c.fd.hub.here():
		err = c.raw(op, func(o syscall.RawConn) error {
			var failed error
			err := o.Control(func(sysfd uintptr) { failed = do(int(sysfd)) })
			return cmp.Or(err, failed)
		})
	case c.fd.closed.Load():
		err = net.ErrClosed
	default:
		err = do(int(c.fd.sysfd))
	}
	if err != nil {
		return c.fail(op, err)
	}
	return nil
}

// closeRead shuts the receiving side down.
func (c *conn) closeRead() error {
	err := c.control("close", shutdownRead)
	if err != nil {
		return err
	}
	ended := func() { c.fd.event(readable | hangup) } // not every system reports one's own shutdown
	if c.fd.hub.here() {
		ended()
	} else {
		c.fd.hub.Post(ended)
	}
	return nil
}

// raw lets use have the descriptor that other goroutines use.
func (c *conn) raw(op string, use func(syscall.RawConn) error) error {
	o, err := c.outside(op)
	if err != nil {
		return err
	}
	r, err := o.(syscall.Conn).SyscallConn()
	if err != nil {
		return err
	}
	return use(r)
}

// SetDeadline sets the read and the write deadline; zero means none. It also moves the deadline of calls that wait now.
// Safe from any goroutine.
func (c *conn) SetDeadline(t time.Time) error { return c.deadline(t, &c.fd.r, &c.fd.w) }

// SetReadDeadline sets the time after which Read fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (c *conn) SetReadDeadline(t time.Time) error { return c.deadline(t, &c.fd.r) }

// SetWriteDeadline sets the time after which Write fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (c *conn) SetWriteDeadline(t time.Time) error { return c.deadline(t, &c.fd.w) }

func (c *conn) deadline(t time.Time, sides ...*side) error {
	if err := c.fd.setDeadline(t, sides...); err != nil {
		return c.fail("set", err)
	}
	return nil
}

// LocalAddr returns the address of this end. Safe from any goroutine.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the peer. Safe from any goroutine.
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) readFailed(err error) error {
	if err == io.EOF {
		return err
	}
	return c.fail("read", err)
}

func (c *conn) fail(op string, err error) error {
	var already *net.OpError
	if errors.As(err, &already) {
		return err
	}
	return &net.OpError{Op: op, Net: c.network(), Source: c.local, Addr: c.remote, Err: err}
}

// network names the network in errors. An address is missing only where the system did not tell it.
func (c *conn) network() string {
	for _, a := range []net.Addr{c.local, c.remote} {
		if a != nil {
			return a.Network()
		}
	}
	return "socket"
}
