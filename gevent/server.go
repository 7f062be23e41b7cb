package gevent

import (
	"cmp"
	"errors"
	"maps"
	"net"
	"slices"
	"time"

	"greenloop/sched"
)

// ErrServerClosed is what Serve returns after Stop.
var ErrServerClosed = errors.New("gevent: server stopped")

// A StreamServer runs a handler for each connection, in a greenlet of its own. Set Handler, then call Serve.
type StreamServer struct {
	// Handler serves one connection, which is closed when it returns. Its error ends nothing but is told to OnError.
	Handler func(net.Conn) error
	// OnError is told of handlers' errors (not of panics, which go to the hub's error handler) and of failures to accept that
	// the server survives, such as running out of descriptors. conn is nil for the latter. nil: they are ignored.
	OnError func(conn net.Conn, err error)

	listener net.Listener
	serving  bool
	handlers map[*Greenlet]net.Conn
	idle     sched.WaitQueue // woken when the last handler has ended
	pausing  sched.WaitQueue // Serve, while it waits for descriptors
	stopped  bool
	served   int
}

// Pauses after a failure to accept that may pass: long enough not to burn the CPU, short enough for descriptors that
// come free. The same figures as in net/http's server.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// Serve accepts connections from l until Stop, and returns ErrServerClosed then, once no handler is left; if l fails for
// good, its error, with the handlers still running. It closes l. Parks. Hub thread only.
func (s *StreamServer) Serve(l net.Listener) error {
	h := current("Serve")
	switch {
	case s.Handler == nil:
		panic("gevent: StreamServer needs a Handler")
	case s.serving:
		panic("gevent: StreamServer.Serve called twice; make another server for another listener")
	}
	defer l.Close()
	if s.stopped {
		return ErrServerClosed
	}
	s.listener, s.handlers = l, make(map[*Greenlet]net.Conn)
	s.serving = true
	pause := firstPause
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = firstPause
			s.handle(h, c)
			continue
		case s.stopped:
			for len(s.handlers) > 0 {
				if err := s.idle.Wait(h.sched, sched.Why("last connections of a server")); err != nil {
					return err
				}
			}
			return ErrServerClosed
		case !isExhausted(err):
			return err
		}
		s.report(nil, err)
		if err := s.pausing.WaitUntil(h.sched, sched.Why("a pause in accepting"), h.sched.After(pause)); err != nil && err != ErrTimeout {
			return err
		}
		pause = min(2*pause, lastPause)
	}
}

func (s *StreamServer) handle(h *Hub, c net.Conn) {
	g := new(Greenlet)
	s.handlers[g] = c
	s.served++
	g.start(h, "connection", func() error {
		defer s.ended(g)
		if err := s.Handler(c); err != nil {
			s.report(c, err)
		}
		return nil
	})
}

func (s *StreamServer) report(c net.Conn, err error) {
	if s.OnError != nil {
		s.OnError(c, err)
	}
}

// Stop stops accepting, gives the handlers the time grace to finish, kills those that have not, waits until they have ended, and
// returns how many that were. An error that is thrown at it, or a scope that is over, ends the grace. Handlers that should end sooner are up to the caller: closing, or setting a deadline on, what they wait for.
// It may be called twice. Parks. Hub thread only.
func (s *StreamServer) Stop(grace time.Duration) (killed int) {
	h := current("Stop")
	if !s.stopped {
		s.stopped = true
		if s.listener != nil {
			_ = s.listener.Close()
			s.pausing.WakeAll()
		}
	}
	var rest []*Greenlet
	defer func() { // also if we are one of them, or are killed meanwhile: nothing may be left behind
		for _, g := range s.running() {
			if rest == nil && g != Current() {
				g.KillAsync()
			}
			s.ended(g) // one that had not started cannot have cleaned up
		}
	}()
	deadline := h.sched.After(grace)
	for len(s.handlers) > 0 {
		if s.idle.WaitUntil(h.sched, sched.Why("connections to finish"), deadline) != nil {
			break // time is up, or an error was thrown at us: then, too, nothing may be left behind
		}
	}
	rest = s.running()
	_ = Shield(func() error { return KillAll(rest...) }) // a scope that is over must not keep us from waiting for them
	return len(rest)
}

// running returns the handlers in the order of their connections.
func (s *StreamServer) running() []*Greenlet {
	return slices.SortedFunc(maps.Keys(s.handlers), func(a, b *Greenlet) int { return cmp.Compare(a.ID(), b.ID()) })
}

func (s *StreamServer) ended(g *Greenlet) {
	if c, ok := s.handlers[g]; ok {
		_ = c.Close() // the handler may have closed it
		delete(s.handlers, g)
	}
	if len(s.handlers) == 0 {
		s.idle.WakeAll()
	}
}

// Active returns how many connections are being served. Hub thread only.
func (s *StreamServer) Active() int { return len(s.handlers) }

// Served returns how many connections have been accepted. Hub thread only.
func (s *StreamServer) Served() int { return s.served }

// Conns calls yield for each connection being served, in the order in which they came. Hub thread only.
func (s *StreamServer) Conns(yield func(net.Conn) bool) {
	for _, g := range s.running() {
		if c, ok := s.handlers[g]; ok && !yield(c) {
			return
		}
	}
}
