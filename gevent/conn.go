package gevent

import (
	"errors"
	"io"
	"net"
	"time"
)

// A TCPConn is a TCP connection as a net.Conn. In a greenlet its calls park that greenlet alone; on any other goroutine
// they block that goroutine, as those of package net do, and never the hub. Several greenlets may read and write at the
// same time: a write is not mixed with another one. It belongs to the hub that made it, and is closed when that ends.
type TCPConn struct {
	fd            fd
	local, remote net.Addr
}

func newTCPConn(h *Hub, sysfd int, remote net.Addr) (*TCPConn, error) {
	tune(sysfd)
	c := &TCPConn{local: localAddr(sysfd), remote: remote}
	if err := h.register(&c.fd, sysfd); err != nil {
		return nil, err
	}
	return c, nil
}

// Read reads what has come, waiting for at least one byte. It ends early with io.EOF when the peer has closed its
// side, an os.ErrDeadlineExceeded at the read deadline, a net.ErrClosed on Close, or with an error thrown at the greenlet. Parks. Safe from any goroutine.
func (c *TCPConn) Read(b []byte) (int, error) {
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
func (c *TCPConn) Write(b []byte) (int, error) {
	if !c.fd.hub.here() {
		return c.writeOutside(b)
	}
	n, err := c.fd.write(b)
	if err != nil {
		err = c.fail("write", err)
	}
	return n, err
}

func (c *TCPConn) readOutside(b []byte) (int, error) {
	o, err := c.outside("read")
	if err != nil {
		return 0, err
	}
	return o.Read(b)
}

func (c *TCPConn) writeOutside(b []byte) (int, error) {
	o, err := c.outside("write")
	if err != nil {
		return 0, err
	}
	return o.Write(b)
}

func (c *TCPConn) outside(op string) (net.Conn, error) {
	o, err := c.fd.outside("tcp", false)
	if err != nil {
		return nil, c.fail(op, err)
	}
	return o.conn, nil
}

// Close closes the connection. Whoever waits on it, greenlet or goroutine, gets an error that is net.ErrClosed; so does
// a second Close. Does not park. Safe from any goroutine.
func (c *TCPConn) Close() error {
	if err := c.fd.close(); err != nil {
		return c.fail("close", err)
	}
	return nil
}

// CloseRead shuts the receiving side down: reads return io.EOF. Safe from any goroutine.
func (c *TCPConn) CloseRead() error {
	return c.control("close", (*net.TCPConn).CloseRead, func(sysfd int) error {
		err := shutdownRead(sysfd)
		c.fd.event(readable | hangup) // not every system reports one's own shutdown
		return err
	})
}

// CloseWrite shuts the sending side down: the peer reads io.EOF after all that was written. Reading goes on. Safe from any goroutine.
func (c *TCPConn) CloseWrite() error {
	return c.control("close", (*net.TCPConn).CloseWrite, shutdownWrite)
}

// SetNoDelay says whether small writes are sent at once, as is the default, or may be held back to be sent together
// (Nagle's algorithm). Safe from any goroutine.
func (c *TCPConn) SetNoDelay(on bool) error {
	return c.control("set",
		func(o *net.TCPConn) error { return o.SetNoDelay(on) },
		func(sysfd int) error { return setNoDelay(sysfd, on) })
}

// control does something to the socket that does not wait: on the hub's thread to its descriptor, which stays open
// meanwhile since that thread closes it, elsewhere to the other goroutines' one.
func (c *TCPConn) control(op string, outside func(*net.TCPConn) error, here func(sysfd int) error) error {
	if !c.fd.hub.here() {
		o, err := c.outside(op)
		if err != nil {
			return err
		}
		return outside(o.(*net.TCPConn))
	}
	if c.fd.closed.Load() {
		return c.fail(op, net.ErrClosed)
	}
	if err := here(int(c.fd.sysfd)); err != nil {
		return c.fail(op, err)
	}
	return nil
}

// SetDeadline sets the read and the write deadline; zero means none. It also moves the deadline of calls that wait now.
// Safe from any goroutine.
func (c *TCPConn) SetDeadline(t time.Time) error { return c.deadline(t, &c.fd.r, &c.fd.w) }

// SetReadDeadline sets the time after which Read fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (c *TCPConn) SetReadDeadline(t time.Time) error { return c.deadline(t, &c.fd.r) }

// SetWriteDeadline sets the time after which Write fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (c *TCPConn) SetWriteDeadline(t time.Time) error { return c.deadline(t, &c.fd.w) }

func (c *TCPConn) deadline(t time.Time, sides ...*side) error {
	if err := c.fd.setDeadline(t, sides...); err != nil {
		return c.fail("set", err)
	}
	return nil
}

// LocalAddr returns the address of this end. Safe from any goroutine.
func (c *TCPConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the peer. Safe from any goroutine.
func (c *TCPConn) RemoteAddr() net.Addr { return c.remote }

func (c *TCPConn) readFailed(err error) error {
	if err == io.EOF {
		return err
	}
	return c.fail("read", err)
}

func (c *TCPConn) fail(op string, err error) error {
	var already *net.OpError
	if errors.As(err, &already) {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
