package http

import "time"

// This file is how long a connection's reads and writes may take.
//
// To set a deadline for each request would cost more than to keep it. So those that need not be exact are set an eighth too
// late, and stay while they are not too early.

// A limit is a deadline that was set on a connection, on the server's clock.
type limit struct {
	at  time.Duration // 0: none
	own bool          // it was set by a handler, and stays until its answer is complete
}

// serves reports whether the deadline that was set does for one that is d from now.
func (l *limit) serves(now, d time.Duration) bool { return l.at >= now+d && l.at <= now+d+d/8 }

func (c *conn) limitRead(at time.Duration) {
	if c.reading.at != at {
		c.reading.at = at
		_ = c.Conn.SetReadDeadline(c.server.wall(at)) // an error is that of a closed connection, which the read will tell
	}
}

func (c *conn) limitWrite(at time.Duration) {
	if c.writing.at != at {
		c.writing.at = at
		_ = c.Conn.SetWriteDeadline(c.server.wall(at))
	}
}

// wall is a time of the server's clock as others know it.
func (s *Server) wall(at time.Duration) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return s.state.epoch.Add(at)
}

// limitHead is the limit on a request's head.
func (c *conn) limitHead() {
	d := c.server.state.timeouts.head
	if read := c.server.state.timeouts.read; read != 0 && (d == 0 || d > read) {
		d = read
	}
	if c.phase == fresh && c.server.state.closing && (d == 0 || d > graceOfFresh) {
		d = graceOfFresh
	}
	c.began = c.server.now()
	if d == 0 {
		c.limitRead(0)
	} else {
		c.limitRead(c.began + d)
	}
}

// limitIdle is the limit on the wait for the next request.
func (c *conn) limitIdle() {
	d := c.server.state.timeouts.idle
	if drain := c.server.state.drain; drain != 0 && (d == 0 || d > drain) {
		c.limitRead(c.server.now() + drain)
	} else if d == 0 {
		c.limitRead(0)
	} else if now := c.server.now(); !c.reading.serves(now, d) {
		c.limitRead(now + d + d/8)
	}
}

// limitBody is the limit on the next read of a request's body: that of a peer that stalls or that on the whole request,
// whichever comes first.
func (c *conn) limitBody() {
	if !c.reading.own {
		if at, set := c.stall(&c.reading, c.readBy); set {
			c.limitRead(at)
		}
	}
}

// limitAnswer is the limit on the next write of an answer.
func (c *conn) limitAnswer() {
	if !c.writing.own {
		if at, set := c.stall(&c.writing, c.writeBy); set {
			c.limitWrite(at)
		}
	}
}

// stall returns the deadline to be set, if it is another one than l.
func (c *conn) stall(l *limit, by time.Duration) (at time.Duration, set bool) {
	d := c.server.state.timeouts.stall
	if d == 0 {
		return by, l.at != by
	}
	now := c.server.now()
	switch {
	case by != 0 && by <= now+d:
		return by, l.at != by
	case by != 0:
		return min(by, now+d+d/8), true
	}
	return now + d + d/8, !l.serves(now, d)
}

// disown ends what a handler said about the deadlines.
func (c *conn) disown() {
	if c.reading.own {
		c.reading = limit{}
		_ = c.Conn.SetReadDeadline(time.Time{})
	}
	if c.writing.own {
		c.writing = limit{}
		_ = c.Conn.SetWriteDeadline(time.Time{})
	}
}
