package http

import (
	"context"
	"errors"
	"slices"
	"time"

	"greenloop/gevent"
)

// graceOfFresh is how long, in Shutdown, a new connection may take to send its first request. As net/http has it.
const graceOfFresh = 5 * time.Second

// Shutdown ends the server in good order: it closes the listeners and the connections that wait for a request, lets the
// requests that run be answered, with "Connection: close", and returns nil when there is no connection any more. New
// connections have 5 seconds for their first request. Once ctx is done it returns ctx.Err() and leaves the rest as it is:
// Close ends that. Hijacked connections are none of its business. A handler that calls it waits for itself. Parks. Hub
// thread only.
func (s *Server) Shutdown(ctx context.Context) error { return s.Drain(ctx, 0) }

// Drain is Shutdown for a server that others take over from: a connection that waits for a request is kept for that long
// still, or an eighth longer, or until ctx is done. A request that comes meanwhile is answered with "Connection: close",
// which tells the client to make a new connection, where Shutdown closes the old one just as the client uses it. A client
// that is silent for longer may still send a request at the moment at which its connection is closed. Parks. Hub thread
// only.
func (s *Server) Drain(ctx context.Context, idle time.Duration) error {
	s.state.drain = max(idle, 0)
	err := s.stopListening()
	if s.state.drain == 0 {
		s.closeWaiting()
	}
	for _, c := range s.conns() {
		switch {
		case c.hijacked:
		case c.phase == waiting:
			c.limitIdle()
		case c.phase == fresh:
			c.limitHead()
		}
	}
	if s.state.first == nil {
		return err
	}
	if e := gevent.WithContext(ctx, s.state.empty.Wait); e != nil {
		if ctx.Err() != nil {
			s.closeWaiting()
			return ctx.Err()
		}
		return e
	}
	return err
}

// closeWaiting closes the connections that wait for a request, and has those closed at once that are about to.
func (s *Server) closeWaiting() {
	s.state.drain = 0
	for _, c := range s.conns() {
		if !c.hijacked && c.phase == waiting {
			_ = c.Conn.Close()
		}
	}
}

// Close ends the server at once: it closes the listeners and the connections, kills the greenlets that serve them, and
// waits until these have ended, deferred functions of handlers included; all but the calling one. Hijacked connections are
// none of its business. Parks. Hub thread only.
func (s *Server) Close() error {
	err := s.stopListening()
	conns := s.conns()
	var serving []*gevent.Greenlet
	for _, c := range conns {
		if c.greenlet != nil && c.greenlet != gevent.Current() {
			c.greenlet.KillAsync() // before any is closed: a handler must not see that it cannot write, and go on
			serving = append(serving, c.greenlet)
		}
	}
	for _, c := range conns {
		if !c.hijacked {
			_ = c.Conn.Close() // the peer may have been first
		}
	}
	return errors.Join(err, gevent.Shield(func() error { return gevent.JoinAll(serving...) }))
}

func (s *Server) stopListening() error {
	s.state.closing = true
	var errs []error
	for _, l := range slices.Clone(s.state.listeners) { // others may run while one is closed
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// conns returns the connections, the oldest first: others may run, and connections end, while one is closed.
func (s *Server) conns() (all []*conn) {
	for c := s.state.first; c != nil; c = c.next {
		all = append(all, c)
	}
	slices.Reverse(all)
	return all
}

// track adds a connection to those that Shutdown and Close end.
func (s *Server) track(c *conn) {
	st := &s.state
	if c.next = st.first; c.next != nil {
		c.next.prev = c
	}
	st.first = c
	st.active++
}

// untrack is told that a connection has ended, or is somebody else's from now on; again it does nothing.
func (s *Server) untrack(c *conn) {
	st := &s.state
	switch {
	case c.prev != nil:
		c.prev.next = c.next
	case st.first == c:
		st.first = c.next
	default:
		return
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	st.active--
	s.leave()
	if st.closing && st.first == nil {
		st.empty.Set()
	}
}
