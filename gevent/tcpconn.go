package gevent

import "net"

// A TCPConn is a TCP connection as a net.Conn. In a greenlet its calls park that greenlet alone; on any other goroutine
// they block that goroutine, as those of package net do, and never the hub. Several greenlets may read and write at the
// same time: a write is not mixed with another one. It belongs to the hub that made it, and is closed when that ends.
type TCPConn struct{ conn }

func newTCPConn(h *Hub, sysfd int, remote net.Addr) (*TCPConn, error) {
	tune(sysfd)
	c := &TCPConn{conn{local: localAddr(sysfd), remote: remote}}
	if err := h.register(&c.fd, sysfd); err != nil {
		return nil, err
	}
	return c, nil
}

// CloseRead shuts the receiving side down: reads return io.EOF. Safe from any goroutine.
func (c *TCPConn) CloseRead() error { return c.closeRead() }

// CloseWrite shuts the sending side down: the peer reads io.EOF after all that was written. Reading goes on. Safe from any goroutine.
func (c *TCPConn) CloseWrite() error { return c.control("close", shutdownWrite) }

// SetNoDelay says whether small writes are sent at once, as is the default, or may be held back to be sent together
// (Nagle's algorithm). Safe from any goroutine.
func (c *TCPConn) SetNoDelay(on bool) error {
	return c.control("set", func(sysfd int) error { return setNoDelay(sysfd, on) })
}
