package gevent

import (
	"io"
	"net"
	"time"
)

// A session is one connection of a StreamServer, and the greenlet that serves it.
type session struct {
	Greenlet
	server *StreamServer
	conn   net.Conn
	began  bool
}

// open serves c in a greenlet, for which there is a place.
func (s *StreamServer) open(c net.Conn) {
	ss := &session{server: s, conn: c}
	s.start("connection", &ss.Greenlet, c, ss.serve, ss.ended)
}

func (ss *session) serve() error {
	ss.began = true
	defer ss.conn.Close() // the handler may have closed it
	s, c := ss.server, ss.conn
	if s.IdleTimeout > 0 {
		c = withIdleTimeout(c, s.IdleTimeout)
	}
	var err error
	if s.Timeout > 0 {
		err = WithTimeout(s.Timeout, func() error { return s.Handler(c) })
	} else {
		err = s.Handler(c)
	}
	if err != nil {
		s.report(c, err)
	}
	return nil
}

// ended is called in the loop.
func (ss *session) ended() {
	if !ss.began {
		ss.server.refused++
		closeLater(ss.conn)
	}
}

// closeLater closes c in a greenlet, since it may park, as that of a TLS connection does. Where none starts any more,
// the hub is about to end and closes what is its own.
func closeLater(c io.Closer) {
	SpawnNamed("close", c.Close)
}

// withIdleTimeout limits the waits of c, or of the connection of this package that is under it.
func withIdleTimeout(c net.Conn, d time.Duration) net.Conn {
	for under := c; under != nil; {
		if t, ok := under.(interface{ SetIdleTimeout(time.Duration) error }); ok {
			_ = t.SetIdleTimeout(d) // it fails for one that is closed
			return c
		}
		w, ok := under.(interface{ NetConn() net.Conn }) // as crypto/tls has it
		if !ok {
			break
		}
		under = w.NetConn()
	}
	return &idleConn{c, d}
}

// An idleConn limits the waits of a connection that cannot do so itself, by a new deadline for each call.
type idleConn struct {
	net.Conn
	limit time.Duration
}

func (c *idleConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// Write gives each piece that the peer is likely to take at once a time of its own.
func (c *idleConn) Write(b []byte) (done int, err error) {
	const piece = 16 << 10
	for {
		if err := c.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
			return done, err
		}
		n, err := c.Conn.Write(b[done:min(len(b), done+piece)])
		if done += n; err != nil || done == len(b) {
			return done, err
		}
	}
}

// NetConn returns the connection itself.
func (c *idleConn) NetConn() net.Conn { return c.Conn }
