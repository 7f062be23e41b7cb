package http

import (
	"context"
	"net"
	"slices"

	"greenloop/gevent"
)

// A listener makes the connections of a Server, for gevent's StreamServer, which accepts.
type listener struct {
	net.Listener
	server *Server
	base   context.Context
	places *gevent.Semaphore // nil: no limit
	closed bool
}

// Accept waits for a place, then for a connection.
func (l *listener) Accept() (net.Conn, error) {
	if l.places != nil {
		if err := l.places.Acquire(); err != nil {
			return nil, err
		}
	}
	accepted := false
	defer func() {
		if !accepted {
			l.leave()
		}
	}()
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	accepted = true
	return newConn(l, nc), nil
}

// leave gives a connection's place to the next one.
func (l *listener) leave() {
	if l.places != nil {
		l.places.Release()
	}
}

// Close ends Accept, also one that waits for a place.
func (l *listener) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	err := l.Listener.Close()
	l.leave()
	return err
}

func (s *Server) forget(l *listener) {
	s.state.listeners = slices.DeleteFunc(s.state.listeners, func(o *listener) bool { return o == l })
}
