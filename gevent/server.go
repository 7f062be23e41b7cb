package gevent

import (
	"context"
	"errors"
	"net"
	"time"

	"greenloop/sched"
)

// ErrServerClosed is what Serve returns after Stop.
var ErrServerClosed = errors.New("gevent: server stopped")

// A StreamServer runs a handler for each connection, in a greenlet of its own. Set Handler, and what else is wanted,
// then call Serve or Start. It must not be copied, and belongs to the hub that uses it first.
type StreamServer struct {
	// Handler serves one connection, which is closed when it returns, or ends in any other way. Its error ends nothing but
	// is told to OnError.
	Handler func(net.Conn) error
	// OnError is told of handlers' errors (not of panics, which go to the hub's error handler) and of failures to
	// accept that the server survives, such as running out of descriptors. conn is nil for the latter. nil: they are
	// ignored.
	OnError func(conn net.Conn, err error)

	// MaxConns is how many connections are served at once; 0: no bound. While there are so many none is accepted: those who
	// come wait in the system's queue, and are refused by the system once that is full.
	MaxConns int
	// Pool, if not nil, has the handlers' greenlets as its members, and bounds them so. Several servers may share one.
	// While it is full none is accepted, except the one that was on its way when the last place went elsewhere, which
	// waits for a place. Those who wait to spawn into the pool get places before a server does that has no connection
	// in hand.
	Pool *Pool

	// Timeout is how long a handler may take; 0: as long as it likes. Then each of its waits ends with a *TimeoutError,
	// as in WithTimeout.
	Timeout time.Duration
	// IdleTimeout is how long one Read or Write of a connection may wait for the peer to send, or to take, anything at all;
	// 0: for ever. Then it fails with os.ErrDeadlineExceeded. See TCPConn.SetIdleTimeout.
	IdleTimeout time.Duration

	service
	listener net.Listener
	served   int
	refused  int
}

// Pauses after a failure to accept that may pass: long enough not to burn the CPU, short enough for descriptors that
// come free. The same figures as in net/http's server.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// acceptsInARow is how many connections are accepted before others run, even if l would never wait.
const acceptsInARow = 64

// Serve accepts connections from l until Stop, and returns ErrServerClosed then, once no handler is left; if l fails for
// good, its error, with the handlers still running. It closes l. After 64 connections in a row others run.
//
// l may be any listener whose Accept parks: one of this package, or one around such a one, as for TLS. When the process
// has run out of descriptors or memory, it pauses for 5 ms, after each failure in a row twice as long, up to 1 s.
// Parks. Hub thread only.
func (s *StreamServer) Serve(l net.Listener) error {
	h := s.listen("Serve", l)
	return s.serve(h)
}

// Start is Serve in a greenlet of its own, which it returns: its Get returns what Serve would. Killing it ends the
// accepting alone. Hub thread only.
func (s *StreamServer) Start(l net.Listener) *Greenlet {
	h := s.listen("Start", l)
	return startServer(l, func() error { return s.serve(h) })
}

// ServeContext is Serve that stops the server, as Stop(grace) does, when ctx is done, and returns the cause then.
// However it ends, no handler is left. Parks. Hub thread only.
func (s *StreamServer) ServeContext(ctx context.Context, l net.Listener, grace time.Duration) error {
	defer s.Stop(grace)
	return serveContext(ctx, func() error { return s.Serve(l) })
}

func (s *StreamServer) listen(call string, l net.Listener) *Hub {
	h := current("StreamServer." + call)
	if s.Handler == nil {
		panic("gevent: StreamServer needs a Handler")
	}
	mustPark(h, l)
	s.begin("StreamServer."+call, s.MaxConns, s.Pool)
	s.listener = l
	return h
}

// mustPark panics if l is known to block the thread instead.
func mustPark(h *Hub, l net.Listener) {
	var of *Hub
	switch l := l.(type) {
	case *net.TCPListener, *net.UnixListener:
		panic("gevent: StreamServer for a listener of package net, whose Accept would block the hub; take gevent.Listen")
	case *TCPListener:
		of = l.fd.hub
	case *UnixListener:
		of = l.fd.hub
	}
	if of != nil && of != h {
		panic("gevent: StreamServer for a listener of another hub; each hub needs one of its own")
	}
}

func (s *StreamServer) serve(h *Hub) error {
	defer s.listener.Close()
	pause := firstPause
	for !s.stopped {
		c, err := s.accept(h)
		switch {
		case c != nil:
			pause = firstPause
			if err := s.handle(c); err != nil {
				return err
			}
		case s.stopped:
		case !isExhausted(err):
			return err
		default:
			s.report(nil, err)
			if err := s.wait(&s.change, sched.Why("a pause in accepting"), h.sched.After(pause)); err != nil && err != ErrTimeout {
				return err
			}
			pause = min(2*pause, lastPause)
		}
	}
	if err := s.last(); err != nil {
		return err
	}
	return ErrServerClosed
}

// accept returns a connection, or an error, once there is room for one.
func (s *StreamServer) accept(h *Hub) (net.Conn, error) {
	if err := s.awaitRoom(); err != nil || s.stopped {
		return nil, err
	}
	if (s.served+1)%acceptsInARow == 0 {
		h.sched.Yield() // here, where a kill finds no connection in our hands
	}
	return s.listener.Accept()
}

// handle starts the handler of c. The error is one thrown at the caller while it waited for a place in the pool.
func (s *StreamServer) handle(c net.Conn) error {
	s.served++
	started := false
	defer func() { // also if we are killed meanwhile
		if !started {
			s.refused++
			_ = c.Close()
		}
	}()
	granted, err := s.take()
	if granted {
		started = true
		s.open(c)
	}
	return err
}

func (s *StreamServer) report(c net.Conn, err error) {
	if s.OnError != nil {
		s.OnError(c, err)
	}
}

// StopAccepting closes the listener and lets the handlers finish: Serve returns when they have. Who was not accepted yet is
// reset by the system. It may be called twice, and before Stop. Hub thread only.
func (s *StreamServer) StopAccepting() {
	s.shut("StreamServer.StopAccepting", func() { _ = s.listener.Close() })
}

// Stop stops accepting, gives the handlers the time grace to finish, kills those that have not, waits until they have
// ended, and returns how many that were. An error that is thrown at it, or a scope that is over, ends the grace.
// Handlers that should end sooner are up to the caller: closing, or setting a deadline on, what they wait for. It may
// be called twice. Parks. Hub thread only.
func (s *StreamServer) Stop(grace time.Duration) (killed int) {
	s.at("StreamServer.Stop")
	s.StopAccepting()
	return s.stop(grace)
}

// Active returns how many connections are being served. Hub thread only.
func (s *StreamServer) Active() int { return len(s.handlers) }

// Served returns how many connections have been accepted. Hub thread only.
func (s *StreamServer) Served() int { return s.served }

// Refused returns how many of those accepted were closed before their handler began, because the server was stopped or the
// handler's greenlet killed. Hub thread only.
func (s *StreamServer) Refused() int { return s.refused }

// Conns calls yield for each connection being served, in the order in which they came. Hub thread only.
func (s *StreamServer) Conns(yield func(net.Conn) bool) {
	for _, g := range s.running() {
		if c, ok := s.handlers[g]; ok && !yield(c) {
			return
		}
	}
}
