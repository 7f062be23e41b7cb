package http

import (
	"bufio"
	"container/list"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"syscall"
	"time"

	"greenloop/gevent"
)

// A trConn is a connection to a server, or to a proxy. Who makes it has it first, then exchanges and the pool in turn.
type trConn struct {
	t    *Transport
	host *idleHost
	net.Conn
	tls *tls.ConnectionState // nil without TLS
	br  *bufio.Reader
	bw  *bufio.Writer

	limit   int64 // bytes that may still be read
	written int64 // in all
	failed  error // of a read, other than the end
	ended   bool  // a read has seen the end
	reused  bool  // has done an exchange
	closed  bool

	place *list.Element // among the pool's that are idle; nil if it is not
	timer *gevent.Timer // closes it when it has been idle for too long; nil until first needed
}

const trUnlimited = math.MaxInt64

func newTrConn(t *Transport, h *idleHost, raw net.Conn) *trConn {
	c := &trConn{t: t, host: h, Conn: raw, limit: trUnlimited}
	c.br, c.bw = bufio.NewReader(c), bufio.NewWriter(c)
	return c
}

// maxHead is how long the head of a response may be.
func (c *trConn) maxHead() int64 { return trOr(c.t.MaxResponseHeaderBytes, trMaxHead) }

// Read is how br reads.
func (c *trConn) Read(b []byte) (n int, err error) {
	if c.limit <= 0 {
		err = fmt.Errorf("http: server response headers exceeded %d bytes; aborted", c.maxHead())
	} else {
		n, err = c.Conn.Read(b[:min(int64(len(b)), c.limit)])
	}
	c.limit -= int64(n)
	switch err {
	case nil:
	case io.EOF:
		c.ended = true
	default:
		c.failed = err
	}
	return n, err
}

// reason returns why something that reads from br has failed with err: a parser, interrupted, may find fault with the half
// that it has.
func (c *trConn) reason(err error) error {
	if err != nil && err != io.EOF && c.failed != nil {
		return c.failed
	}
	return err
}

// Write is how bw writes.
func (c *trConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written += int64(n)
	return n, err
}

// close closes the connection and lets another one be made. Closing again does nothing. It does not park.
func (c *trConn) close() {
	if c.closed {
		return
	}
	c.disown()
	_ = c.Conn.Close() // nothing is left to be told to whom
}

// disown leaves the connection to somebody else: it counts no more.
func (c *trConn) disown() {
	c.closed = true
	c.host.leave()
}

// errTrQuiet ends the wait of a read that finds nothing.
var errTrQuiet = errors.New("http: nothing has come")

var trQuiet = func() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errTrQuiet)
	return ctx
}()

// usable finds out whether c, which was idle and is the caller's now, can take a request: as far as the hub has looked, the
// server has neither closed it nor said anything unasked for. It waits for something to read, in a scope that is over,
// where a call that would wait fails instead. If c is of no use it is closed. An error is one that was meant for the
// caller, who waited here.
func (c *trConn) usable() (ok bool, err error) {
	defer func() {
		if !ok { // or killed: the call may yield
			c.close()
		}
	}()
	err = gevent.WithContext(trQuiet, c.waitRead)
	switch {
	case errors.Is(err, errTrQuiet):
		return true, nil
	case err == nil || trBroken(err):
		return false, nil
	}
	return false, err
}

// waitRead waits until there is something to read. What it has to read for that is lost.
func (c *trConn) waitRead() error {
	if w, ok := c.Conn.(interface{ WaitRead() error }); ok {
		return w.WaitRead()
	}
	_, err := c.Conn.Read(make([]byte, 1))
	return err
}

// trBroken reports whether err is a failure of the connection, and not one that was thrown at who used it, or a limit's.
func trBroken(err error) bool {
	var errno syscall.Errno
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, end) {
			return true
		}
	}
	return errors.As(err, &errno)
}

// setDeadline limits reads to d from now; none if d is zero.
func (c *trConn) setDeadline(d time.Duration) {
	var at time.Time
	if d != 0 {
		at = time.Now().Add(d)
	}
	_ = c.Conn.SetReadDeadline(at) // fails on a closed connection, as each read then does
}
