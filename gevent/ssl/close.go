package ssl

import "net"

// Close closes the connection. Whoever waits on it gets an error that is net.ErrClosed; so does a second Close. The peer
// is told of the end, which TLS calls close_notify, unless a Write waits, which that ends, or there is no room. Parks only if the
// system has just no room, for a millisecond at most. Safe from any goroutine.
func (c *Conn) Close() error { return c.do(c.close) }

func (c *Conn) close() (err error) {
	w := &c.wire
	if w.closed {
		return c.fail("close", net.ErrClosed)
	}
	w.closed = true
	defer func() { // also if we are killed meanwhile
		err = w.conn.Close()
		w.tell()
	}()
	if !c.writing.Locked() && c.handshake.over && c.handshake.err == nil {
		_ = c.notify() // it can fail only as a Write would, of which nobody is told any more
		w.conclude()
	}
	return nil
}

// CloseWrite tells the peer that nothing more will be written, after all that was: it reads io.EOF. Reading goes on. The
// connection underneath stays open. It fails before the handshake is made. Parks. Safe from any goroutine.
func (c *Conn) CloseWrite() error {
	return c.do(func() error {
		if err := c.writing.Acquire(); err != nil {
			return c.fail("close", err)
		}
		defer c.writing.Release()
		if err := c.wire.drain(); err != nil {
			return c.fail("close", err)
		}
		if err := c.notify(); err != nil {
			return err
		}
		if err := c.wire.drain(); err != nil {
			return c.fail("close", err)
		}
		return nil
	})
}

// notify writes a close_notify to the wire.
func (c *Conn) notify() error {
	c.wire.asked = true
	defer func() { c.wire.asked = false }()
	return c.tls.CloseWrite() // takes no lock that the handshake holds
}
