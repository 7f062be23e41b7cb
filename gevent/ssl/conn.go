package ssl

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"greenloop/gevent"
)

// A Conn is a TLS connection as a net.Conn. In a greenlet its calls park that greenlet alone; on any other goroutine they
// block that goroutine, while the hub makes them. Several greenlets may read and write at the same time: they take turns,
// in the order of their calls, and a write is not mixed with another one.
type Conn struct {
	hub  *gevent.Hub
	tls  *tls.Conn
	wire wire

	handshake handshake
	reading   gevent.Lock
	writing   gevent.Lock

	calls   int // of Read that may not have waited
	peek    [1]byte
	peeked  bool  // WaitRead had to read a byte, which is the next
	readErr error // what has ended reading, for good
}

// Client returns the client's side of a TLS connection over c, which is one of package gevent, or another that parks. As
// for crypto/tls, cfg must have a ServerName or InsecureSkipVerify, and must not be changed any more. Hub thread only.
func Client(c net.Conn, cfg *tls.Config) *Conn {
	s := newConn("Client", c, cfg, tls.Client)
	if cfg != nil && cfg.Renegotiation != tls.RenegotiateNever {
		s.handshake.over, s.handshake.err = true, errRenegotiation
	}
	return s
}

// Server returns the server's side of a TLS connection over c, which is one of package gevent, or another that parks. As
// for crypto/tls, cfg must have a certificate, GetCertificate or GetConfigForClient, and must not be changed any more. Hub
// thread only.
func Server(c net.Conn, cfg *tls.Config) *Conn { return newConn("Server", c, cfg, tls.Server) }

func newConn(call string, c net.Conn, cfg *tls.Config, side func(net.Conn, *tls.Config) *tls.Conn) *Conn {
	s := &Conn{hub: hub(call)}
	s.wire.open(c)
	s.tls = side(&s.wire, cfg)
	return s
}

// hub returns the hub of the calling thread, or panics.
func hub(call string) *gevent.Hub {
	if h := gevent.GetHub(); h != nil {
		return h
	}
	panic("ssl: " + call + " called outside a hub: call it inside gevent.Run, on no goroutine started with go")
}

// Read reads what has come, waiting for at least one byte, and makes the handshake if that was not made yet. It ends early
// with io.EOF when the peer has ended its side, an os.ErrDeadlineExceeded at the read deadline, a net.ErrClosed on Close,
// or with an error thrown at the greenlet; otherwise its errors are those of crypto/tls. Whatever has ended it but an
// error of the connection itself, the next Read goes on; such an error comes each time. Parks. Safe from any goroutine.
//
// As for crypto/tls, a TCP connection that ends between two records is an io.EOF, too, without a word of the peer's; in the
// middle of one it is io.ErrUnexpectedEOF. So who can cut the connection can cut the text short: a protocol must say itself
// where a message ends, as HTTP does with Content-Length.
func (c *Conn) Read(b []byte) (int, error) {
	if c.here() { // without a function value, which would be made for each call
		return c.read(b)
	}
	return c.transfer(b, c.read)
}

// Write writes all of b, waiting for the peer to take it as long as needed, and makes the handshake if that was not made
// yet. When it returns nil the system has it all. It ends early as Read does; the deadline is the write deadline. Then it
// returns how many bytes are on their way: the peer gets those nevertheless, unless Close comes first, and a next Write
// may go on behind them. So the error can come with all of b, if that could not be awaited. With an error of the
// connection it counts what had been sent before. Parks. Safe from any goroutine.
func (c *Conn) Write(b []byte) (int, error) {
	if c.here() {
		return c.write(b)
	}
	return c.transfer(b, c.write)
}

// WaitRead waits until a Read would not have to wait: data have come, the peer has ended its side, or the connection has
// failed, which the Read then tells. So a greenlet need not hold a buffer while nothing comes. It makes the handshake
// first, and ends early as Read does. Parks. Safe from any goroutine.
func (c *Conn) WaitRead() error { return c.do(c.waitRead) }

func (c *Conn) read(b []byte) (int, error) {
	if err := c.shakeHands(); err != nil {
		return 0, err
	}
	if c.calls++; c.calls%64 == 0 {
		gevent.Yield() // what is read in small pieces never waits as long as there is more
	}
	if err := c.reading.Acquire(); err != nil {
		return 0, c.fail("read", err)
	}
	defer c.reading.Release()
	for {
		if err := c.readable(); err != nil {
			return 0, c.fail("read", err)
		}
		n, err := c.decrypt(b)
		if err != errDry {
			return n, err
		}
		if err := c.wire.fill(); err != nil {
			return 0, c.fail("read", err)
		}
	}
}

func (c *Conn) waitRead() error {
	if err := c.shakeHands(); err != nil {
		return err
	}
	if err := c.reading.Acquire(); err != nil {
		return c.fail("read", err)
	}
	defer c.reading.Release()
	for {
		if err := c.readable(); err != nil {
			return c.fail("read", err)
		}
		if c.peeked {
			return nil
		}
		n, err := c.decrypt(c.peek[:])
		if err != errDry {
			c.peeked = n > 0
			return nil // an error is there for Read, too
		}
		if err := c.wire.fill(); err != nil {
			return c.fail("read", err)
		}
	}
}

// readable returns why a read cannot even begin.
func (c *Conn) readable() error {
	switch {
	case c.wire.closed:
		return net.ErrClosed
	case over(c.wire.readBy):
		return os.ErrDeadlineExceeded
	}
	return nil
}

// decrypt reads what can be read without waiting, or returns errDry.
func (c *Conn) decrypt(b []byte) (n int, err error) {
	if c.peeked && len(b) > 0 {
		b[0], c.peeked = c.peek[0], false
		more, _ := c.decrypt(b[1:]) // an error comes again
		return 1 + more, nil
	}
	if c.readErr != nil {
		return 0, c.readErr // crypto/tls would go on behind some messages that it has refused
	}
	answered := c.wire.unasked
	n, err = c.tls.Read(b)
	switch {
	case err == errDry && n > 0:
		err = nil
	case err == nil, err == errDry:
	case c.wire.outErr == errFlood:
		err = errFlood // crypto/tls goes on with the wrong keys, and reports something else
		c.readErr = err
	default:
		c.readErr = err
		if err != io.EOF && c.wire.unasked > answered {
			c.wire.conclude() // that was an alert, after which crypto/tls writes nothing more
		}
	}
	c.wire.flush() // a read can make an answer necessary
	return n, err
}

func (c *Conn) write(b []byte) (n int, err error) {
	if err := c.shakeHands(); err != nil {
		return 0, err
	}
	if err := c.writing.Acquire(); err != nil {
		return 0, c.fail("write", err)
	}
	defer c.writing.Release()
	underway := 0
	for {
		if err := c.wire.drain(); err != nil {
			if !c.wire.closed && c.wire.outErr == nil {
				n += underway
			}
			return n, c.fail("write", err)
		}
		if n += underway; n == len(b) {
			return n, nil
		}
		if underway, err = c.encrypt(b[n:min(len(b), n+batch)]); err != nil {
			return n, err
		}
	}
}

// encrypt writes b to the wire, which does not wait.
func (c *Conn) encrypt(b []byte) (int, error) {
	c.wire.asked = true
	defer func() { c.wire.asked = false }()
	return c.tls.Write(b)
}

// SetDeadline sets the read and the write deadline; zero means none. It also moves the deadline of calls that wait now.
// The handshake has both. Safe from any goroutine.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.do(func() error {
		if err := c.setReadDeadline(t); err != nil {
			return err
		}
		return c.setWriteDeadline(t)
	})
}

// SetReadDeadline sets the time after which Read fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.do(func() error { return c.setReadDeadline(t) })
}

// SetWriteDeadline sets the time after which Write fails with os.ErrDeadlineExceeded, in the handshake as well. Unlike with
// a tls.Conn, a Write that has failed so, after the handshake, has not broken the connection. Safe from any goroutine.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.do(func() error { return c.setWriteDeadline(t) })
}

func (c *Conn) setReadDeadline(t time.Time) error {
	c.wire.readBy = monotonic(t)
	return c.wire.limitReads()
}

func (c *Conn) setWriteDeadline(t time.Time) error {
	if c.wire.closed {
		return c.fail("set", net.ErrClosed)
	}
	c.wire.writeBy = monotonic(t)
	c.wire.tell()
	if c.wire.shaking {
		return c.wire.limitReads()
	}
	return nil
}

// monotonic returns t such that setting the system's clock does not move it.
func monotonic(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Now().Add(time.Until(t))
}

// LocalAddr returns the address of this end. Safe from any goroutine.
func (c *Conn) LocalAddr() net.Addr { return c.wire.LocalAddr() }

// RemoteAddr returns the address of the peer. Safe from any goroutine.
func (c *Conn) RemoteAddr() net.Addr { return c.wire.RemoteAddr() }

// NetConn returns the connection underneath. To read or write it breaks the TLS connection. Safe from any goroutine.
func (c *Conn) NetConn() net.Conn { return c.wire.conn }

func (c *Conn) fail(op string, err error) error {
	var already *net.OpError
	if err == io.EOF || errors.As(err, &already) {
		return err
	}
	e := &net.OpError{Op: op, Net: "tls", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
	if e.Addr != nil {
		e.Net = e.Addr.Network()
	}
	return e
}
