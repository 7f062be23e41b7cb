package gevent

// A streamConn is what a connection is whose bytes come in order, and each side of which can be shut down by itself.
type streamConn struct{ conn }

// CloseRead shuts the receiving side down: reads return io.EOF. Safe from any goroutine.
func (c *streamConn) CloseRead() error {
	if err := c.control("close", shutdownRead); err != nil {
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

// CloseWrite shuts the sending side down: the peer reads io.EOF after all that was written. Reading goes on. Safe from
// any goroutine.
func (c *streamConn) CloseWrite() error { return c.control("close", shutdownWrite) }
