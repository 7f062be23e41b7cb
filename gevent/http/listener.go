package http

import (
	"context"
	"net"
	"slices"
)

// A listener makes the connections of a Server, for gevent's StreamServer, which accepts.
type listener struct {
	net.Listener
	server *Server
	base   context.Context
	closed bool
}

// Accept waits for a place, then for a connection.
func (l *listener) Accept() (net.Conn, error) {
	if err := l.enter(); err != nil {
		return nil, err
	}
	var nc net.Conn
	defer func() { // also if we are killed
		if nc == nil {
			l.server.leave()
		}
	}()
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	nc = c
	return newConn(l, nc), nil
}

// enter takes a place for a connection.
func (l *listener) enter() error {
	st := &l.server.state
	for limit := l.server.MaxConns; limit > 0 && st.taken >= limit && !l.closed; {
		st.left.Clear()
		if err := st.left.Wait(); err != nil {
			return err
		}
	}
	st.taken++
	return nil
}

// leave gives a place back.
func (s *Server) leave() {
	s.state.taken--
	s.state.left.Set()
}

// Close ends Accept, also one that waits for a place.
func (l *listener) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	l.server.state.left.Set()
	return l.Listener.Close()
}

func (s *Server) forget(l *listener) {
	s.state.listeners = slices.DeleteFunc(s.state.listeners, func(o *listener) bool { return o == l })
}
