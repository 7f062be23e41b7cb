package gevent

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
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

// Read reads what has come, waiting for at least one byte. It ends early with io.EOF when the peer has closed its side,
// an os.ErrDeadlineExceeded at the read deadline, a net.ErrClosed on Close, or with an error thrown at the greenlet.
// Parks. Safe from any goroutine.
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
	return c.failed("close", c.fd.close())
}

// WaitRead waits until a Read would not have to wait: data have come, the peer has closed its side, or the connection
// has failed, which the Read then tells. So a greenlet need not hold a buffer while nothing comes. It ends early as Read
// does. Parks. Safe from any goroutine.
func (c *conn) WaitRead() error {
	return c.await("read", &c.fd.r, readable, toRead, syscall.RawConn.Read)
}

// WaitWrite waits until a Write of at least one byte would not have to wait. It ends early as Write does. Parks. Safe
// from any goroutine.
func (c *conn) WaitWrite() error {
	return c.await("write", &c.fd.w, writable, toWrite, syscall.RawConn.Write)
}

func (c *conn) await(
	op string, s *side, m mode, why sched.Reason, outside func(syscall.RawConn, func(uintptr) bool) error,
) error {
	var err error
	if c.fd.hub.here() {
		err = c.fd.await(s, m, why)
	} else {
		var o syscall.RawConn
		if o, err = c.fd.outsideRaw(false); err == nil {
			err = outside(o, func(sysfd uintptr) bool { return sysReady(int(sysfd), m) })
		}
	}
	return c.failed(op, err)
}

// control does something to the socket that does not wait.
func (c *conn) control(op string, do func(sysfd int) error) error {
	return c.failed(op, c.fd.control(false, do))
}

// SetDeadline sets the read and the write deadline; zero means none. It also moves the deadline of calls that wait now.
// Safe from any goroutine.
func (c *conn) SetDeadline(t time.Time) error { return c.deadline(t, &c.fd.r, &c.fd.w) }

// SetReadDeadline sets the time after which Read fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (c *conn) SetReadDeadline(t time.Time) error { return c.deadline(t, &c.fd.r) }

// SetWriteDeadline sets the time after which Write fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (c *conn) SetWriteDeadline(t time.Time) error { return c.deadline(t, &c.fd.w) }

func (c *conn) deadline(t time.Time, sides ...*side) error {
	return c.failed("set", c.fd.setDeadline(t, sides...))
}

// SetReadBuffer sets how many bytes that came the kernel keeps until they are read. Safe from any goroutine.
func (c *conn) SetReadBuffer(bytes int) error {
	return c.control("set", func(sysfd int) error { return setReadBuffer(sysfd, bytes) })
}

// SetWriteBuffer sets how many bytes that were written the kernel keeps until the peer takes them. Safe from any
// goroutine.
func (c *conn) SetWriteBuffer(bytes int) error {
	return c.control("set", func(sysfd int) error { return setWriteBuffer(sysfd, bytes) })
}

// SyscallConn returns the descriptor of the connection, for what this package has no call for. Its Read and Write park a
// greenlet between two calls of the function that they are given, and block another goroutine; they end early as those of
// the connection do, and Write takes turns with other writes. Safe from any goroutine.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if c.fd.closed.Load() {
		return nil, c.fail("raw-control", net.ErrClosed)
	}
	return rawConn{&c.fd, false, c.fail}, nil
}

// File returns a second descriptor of the same socket, such as to pass it on to a child process. It is the caller's to
// close; closing one does not close the other. It does not block, nor may it be made to: that holds for both. Safe from
// any goroutine.
func (c *conn) File() (*os.File, error) {
	var file *os.File
	err := c.control("file", func(sysfd int) (err error) {
		file, err = dupFile(sysfd, fmt.Sprint(c.network(), ":", c.local, "->", c.remote))
		return err
	})
	return file, err
}

// SetIdleTimeout limits each wait of a greenlet for the peer, in Read, Write and whatever else waits, to d: then it
// fails with os.ErrDeadlineExceeded. Zero is no limit. The time begins anew with each wait, hence whenever the peer has
// sent or taken something; it costs nothing where there is no wait. A deadline that comes sooner counts as before. It
// holds from the next wait on, and not for other goroutines. Hub thread only.
func (c *conn) SetIdleTimeout(d time.Duration) error {
	if c.fd.closed.Load() {
		return c.fail("set", net.ErrClosed)
	}
	if !c.fd.hub.here() {
		panic("gevent: SetIdleTimeout on a goroutine that is not the hub's; set deadlines there")
	}
	c.fd.limit = max(d, 0)
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

func (c *conn) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return c.fail(op, err)
}

func (c *conn) network() string { return networkOf(c.local, c.remote) }

// networkOf names the network in errors. An address is missing only where the system did not tell it.
func networkOf(addrs ...net.Addr) string {
	for _, a := range addrs {
		if a != nil {
			return a.Network()
		}
	}
	return "socket"
}
