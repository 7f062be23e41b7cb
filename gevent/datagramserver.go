package gevent

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"greenloop/sched"
)

// A DatagramServer runs a handler for each datagram, in a greenlet of its own. Set Handler, and what else is wanted,
// then call Serve or Start. It must not be copied, and belongs to the hub that uses it first.
type DatagramServer struct {
	// Handler serves one datagram; from is where it came from, nil if that has no name. data is the handler's until it
	// returns: what it keeps for longer, it copies. It answers with WriteTo. Its error ends nothing but is told to OnError.
	Handler func(data []byte, from net.Addr) error
	// OnError is told of handlers' errors (not of panics, which go to the hub's error handler), and of failures to receive
	// that the server survives, as when nobody was there to take an answer (ECONNREFUSED). from is nil for the latter. nil:
	// they are ignored.
	OnError func(from net.Addr, err error)

	// MaxHandlers is how many handlers run at once; 0: no bound. While there are so many nothing is received: what comes is
	// kept by the system until its buffer for the socket is full, and dropped then.
	MaxHandlers int
	// Pool, if not nil, has the handlers' greenlets as its members, and bounds them in the same way. Several servers may
	// share one.
	Pool *Pool
	// Timeout is how long a handler may take; 0: as long as it likes. Then each of its waits ends with a *TimeoutError,
	// as in WithTimeout.
	Timeout time.Duration

	service
	conn   net.PacketConn
	spare  [][]byte // buffers of handlers that have ended
	served int
}

// mostData is more than any datagram of IP has, and what most systems allow for one of a Unix socket.
const mostData = 64 << 10

// Serve receives from c until Stop, and returns ErrServerClosed then, once no handler is left; if c fails for good, its
// error, with the handlers still running. It closes c after that, so that handlers can answer as long as they run.
// Datagrams of more than 64 KiB are cut off there. After 64 in a row others run.
//
// c may be any connection whose ReadFrom parks: one of this package, or one around such a one. After a failure that it
// survives it goes on at once; after more in a row it pauses, for 5 ms, then twice as long, up to 1 s. Parks. Hub
// thread only.
func (s *DatagramServer) Serve(c net.PacketConn) error {
	h := s.listen("Serve", c)
	return s.serve(h)
}

// Start is Serve in a greenlet of its own, which it returns: its Get returns what Serve would. Killing it ends the
// receiving alone, and closes c. Hub thread only.
func (s *DatagramServer) Start(c net.PacketConn) *Greenlet {
	h := s.listen("Start", c)
	return startServer(c, func() error { return s.serve(h) })
}

// ServeContext is Serve that stops the server, as Stop(grace) does, when ctx is done, and returns the cause then.
// However it ends, no handler is left. Parks. Hub thread only.
func (s *DatagramServer) ServeContext(ctx context.Context, c net.PacketConn, grace time.Duration) error {
	defer s.Stop(grace)
	return serveContext(ctx, func() error { return s.Serve(c) })
}

func (s *DatagramServer) listen(call string, c net.PacketConn) *Hub {
	here := current("DatagramServer." + call)
	if s.Handler == nil {
		panic("gevent: DatagramServer needs a Handler")
	}
	mustReceive(here, c)
	h := s.begin("DatagramServer."+call, s.MaxHandlers, s.Pool)
	s.conn = c
	return h
}

// mustReceive panics if c is known to block the thread instead of parking.
func mustReceive(h *Hub, c net.PacketConn) {
	var of *Hub
	switch c := c.(type) {
	case *net.UDPConn, *net.UnixConn, *net.IPConn:
		panic("gevent: DatagramServer for a connection of package net, whose ReadFrom would block the hub; " +
			"take gevent.ListenPacket")
	case *UDPConn:
		of = c.fd.hub
	case *UnixgramConn:
		of = c.fd.hub
	}
	if of != nil && of != h {
		panic("gevent: DatagramServer for a connection of another hub; each hub needs one of its own")
	}
}

func (s *DatagramServer) serve(h *Hub) error {
	defer s.conn.Close()
	b := make([]byte, mostData)
	pause := time.Duration(0)
	for !s.stopped {
		n, from, err := s.receive(h, b)
		switch {
		case s.stopped:
		case err == nil:
			pause = 0
			if err := s.handle(b[:n], from); err != nil {
				return err
			}
		case !isPassing(err):
			return err
		default:
			s.report(nil, err)
			if pause > 0 {
				err := s.wait(&s.change, sched.Why("a pause in receiving"), h.sched.After(pause))
				if err != nil && err != ErrTimeout {
					return err
				}
			}
			pause = min(max(2*pause, firstPause), lastPause)
		}
	}
	if err := s.last(); err != nil {
		return err
	}
	return ErrServerClosed
}

// receive returns a datagram, or an error, once there is room for a handler.
func (s *DatagramServer) receive(h *Hub, b []byte) (int, net.Addr, error) {
	if err := s.awaitRoom(); err != nil || s.stopped {
		return 0, nil, err
	}
	if (s.served+1)%acceptsInARow == 0 {
		h.sched.Yield() // here, where a kill finds nothing in our hands
	}
	return s.conn.ReadFrom(b)
}

// isPassing reports whether err is what the system says of a socket that is as good as before.
func isPassing(err error) bool {
	var e *os.SyscallError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Err {
	case syscall.EBADF, syscall.EINVAL, syscall.ENOTSOCK, syscall.EFAULT:
		return false
	}
	return true
}

// handle starts the handler of a datagram. The error is one thrown at the caller while it waited for a place in the pool.
func (s *DatagramServer) handle(data []byte, from net.Addr) error {
	s.served++
	granted, err := s.take()
	if !granted {
		return err
	}
	b := append(s.buffer(len(data)), data...)
	s.start("datagram", new(Greenlet), nil, func() error {
		err := withLimit(s.Timeout, func() error { return s.Handler(b, from) })
		if err != nil {
			s.report(from, err)
		}
		return nil
	}, func() { s.giveBuffer(b) })
	return nil
}

// Buffers come in one size, which fits what most networks carry in one piece; larger ones are made for one datagram each.
const (
	bufferSize = 2 << 10
	mostSpare  = 1024
)

// buffer returns an empty buffer for n bytes.
func (s *DatagramServer) buffer(n int) []byte {
	last := len(s.spare) - 1
	if n > bufferSize || last < 0 {
		return make([]byte, 0, max(n, bufferSize))
	}
	b := s.spare[last]
	s.spare = s.spare[:last]
	return b
}

func (s *DatagramServer) giveBuffer(b []byte) {
	if cap(b) == bufferSize && len(s.spare) < mostSpare {
		s.spare = append(s.spare, b[:0])
	}
}

func (s *DatagramServer) report(from net.Addr, err error) {
	if s.OnError != nil {
		s.OnError(from, err)
	}
}

// WriteTo sends b as one datagram, such as an answer, from the address at which the server receives. Handlers may call
// it at the same time. It ends early as the connection's does. Parks. Hub thread only.
func (s *DatagramServer) WriteTo(b []byte, to net.Addr) (int, error) {
	s.at("DatagramServer.WriteTo")
	if s.conn == nil {
		return 0, net.ErrClosed
	}
	return s.conn.WriteTo(b, to)
}

// StopReceiving lets the handlers finish, which may still answer: Serve returns when they have, and closes the connection.
// What comes meanwhile is not served. It may be called twice, and before Stop. Hub thread only.
func (s *DatagramServer) StopReceiving() {
	s.shut("DatagramServer.StopReceiving", func() { _ = s.conn.SetReadDeadline(time.Unix(1, 0)) })
}

// Stop stops receiving, gives the handlers the time grace to finish, kills those that have not, waits until they have
// ended, and returns how many that were. An error that is thrown at it, or a scope that is over, ends the grace. It may
// be called twice. Parks. Hub thread only.
func (s *DatagramServer) Stop(grace time.Duration) (killed int) {
	s.at("DatagramServer.Stop")
	s.StopReceiving()
	return s.stop(grace)
}

// Active returns how many handlers run. Hub thread only.
func (s *DatagramServer) Active() int { return len(s.handlers) }

// Served returns how many datagrams have been received. Hub thread only.
func (s *DatagramServer) Served() int { return s.served }
