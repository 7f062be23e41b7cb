package ssl

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"greenloop/gevent"
)

// A handshake is the state of a Conn's.
type handshake struct {
	turn gevent.Lock // of who makes it
	over bool        // it was tried
	err  error       // how it failed; every call returns that
}

var (
	errInterrupted   = errors.New("ssl: the handshake was interrupted; it cannot be taken up again")
	errUnderWay      = errors.New("ssl: the handshake is not over yet")
	errRenegotiation = fmt.Errorf("ssl: Config.Renegotiation other than RenegotiateNever: %w", errors.ErrUnsupported)
)

// Handshake makes the handshake, unless that was made before, and returns how it ended. Read and Write do so by
// themselves: it is called to learn of a failure at once, or to limit its time, as with gevent.WithTimeout(d,
// c.Handshake). Its errors are those of crypto/tls; it ends early at a read or write deadline, on Close, or with an error
// thrown at the greenlet, and after that, or a kill, the connection can only be closed. Parks. Safe from any goroutine.
func (c *Conn) Handshake() error { return c.HandshakeContext(context.Background()) }

// HandshakeContext is Handshake that also ends, with context.Cause(ctx), when ctx is done. Afterwards ctx means nothing to
// the connection. ClientHelloInfo.Context is a child of it. Parks. Safe from any goroutine.
func (c *Conn) HandshakeContext(ctx context.Context) error {
	return c.do(func() error {
		if c.handshake.over {
			return c.handshake.err
		}
		complete := func() error {
			if err := c.shake(ctx); err != nil || c.wire.idle() {
				return err
			}
			if err := c.wire.drain(); err != nil {
				return c.fail("write", err)
			}
			return nil
		}
		if ctx.Done() == nil {
			return complete()
		}
		err := gevent.WithContext(ctx, complete)
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	})
}

// shakeHands makes the handshake, if need be; the last of what it sends may be on its way.
func (c *Conn) shakeHands() error {
	if c.handshake.over {
		return c.handshake.err
	}
	return c.shake(context.Background())
}

// shake makes the handshake, or waits until another greenlet has made it.
func (c *Conn) shake(ctx context.Context) error {
	h := &c.handshake
	if err := h.turn.Acquire(); err != nil {
		return c.fail("handshake", err)
	}
	defer h.turn.Release()
	if h.over {
		return h.err
	}
	if c.wire.closed {
		return c.fail("handshake", net.ErrClosed)
	}
	h.err = errInterrupted // what a kill leaves behind, or a panic of the configuration's functions
	c.wire.shaking = true
	defer func() {
		c.wire.shaking, h.over = false, true
		c.wire.limitHandshake()
	}()
	c.wire.limitHandshake()
	err := c.tls.HandshakeContext(ctx)
	if refused, ok := err.(tls.RecordHeaderError); ok && refused.Conn != nil {
		refused.Conn = c.wire.conn // instead of the wire
		err = refused
	}
	if err == nil || !c.wire.interrupted && ctx.Err() == nil {
		h.err = err
	}
	if err != nil {
		c.wire.conclude()
	}
	return err
}

// ConnectionState returns what is known of the connection; the zero value while the handshake is being made, which it does
// not wait for. Safe from any goroutine.
func (c *Conn) ConnectionState() (state tls.ConnectionState) {
	ask := func() {
		if !c.wire.shaking { // else a Go lock is held
			state = c.tls.ConnectionState()
		}
	}
	if !c.onHub(ask) {
		ask() // the hub has ended, and nothing touches the connection any more
	}
	return state
}

// VerifyHostname checks that the server's certificates, which the handshake has verified, are good for host. Safe from any
// goroutine.
func (c *Conn) VerifyHostname(host string) (err error) {
	ask := func() {
		if err = errUnderWay; !c.wire.shaking {
			err = c.tls.VerifyHostname(host)
		}
	}
	if !c.onHub(ask) {
		ask()
	}
	return err
}
