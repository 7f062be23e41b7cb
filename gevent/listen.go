package gevent

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"greenloop/sched"
)

// A TCPListener is a TCP listener as a net.Listener. Its Accept parks a greenlet, or blocks another goroutine, which then
// gets a connection of package net. It belongs to the hub that made it, and is closed when that ends.
type TCPListener struct {
	fd   fd
	addr net.Addr
}

// Listen listens on a TCP address, as net.Listen does; network is "tcp", "tcp4" or "tcp6". Without a host, or with an
// unspecified one, "tcp" takes both IPv4 and IPv6 where one socket can. Parks only to look up a host name. Hub thread only.
func Listen(network, address string) (*TCPListener, error) {
	h := current("Listen")
	if err := h.canDo("listen", network); err != nil {
		return nil, err
	}
	addrs, err := resolve(h, network, address, sched.Never)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	a := addrs[max(slices.IndexFunc(addrs, func(a *net.TCPAddr) bool { return a.IP.To4() != nil }), 0)] // as package net chooses
	sysfd, err := listenOn(network, a)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: a, Err: err}
	}
	tl := &TCPListener{addr: localAddr(sysfd)}
	if err := h.register(&tl.fd, sysfd); err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: a, Err: err}
	}
	return tl, nil
}

var errNoPoller = fmt.Errorf("gevent: sockets need a poller: %w", errors.ErrUnsupported)

// canDo refuses what this hub or this package cannot do.
func (h *Hub) canDo(op, network string) error {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return &net.OpError{Op: op, Net: network, Err: net.UnknownNetworkError(network)}
	}
	if h.poll == nil {
		return &net.OpError{Op: op, Net: network, Err: errNoPoller}
	}
	return nil
}

// Accept waits for a connection and returns it, a *TCPConn to a greenlet. It ends early with net.ErrClosed on Close, an
// os.ErrDeadlineExceeded at the deadline, or an error thrown at the greenlet. When descriptors have run out it fails at
// once with the system's error (EMFILE); the connection stays in the queue, so a caller tries again after a pause, as
// StreamServer does. Parks. Safe from any goroutine.
func (l *TCPListener) Accept() (net.Conn, error) {
	if !l.fd.hub.here() {
		o, err := l.fd.outside("tcp listener", true)
		if err != nil {
			return nil, l.fail("accept", err)
		}
		return o.listener.Accept()
	}
	c, err := l.accept()
	if err != nil {
		return nil, l.fail("accept", err)
	}
	return c, nil
}

func (l *TCPListener) accept() (*TCPConn, error) {
	f := &l.fd
	f.hub.sched.Spend() // here, where a kill finds no descriptor in our hands
	for {
		if err := f.check(&f.r); err != nil {
			return nil, err
		}
		if f.r.ready {
			sysfd, sa, err := sysAccept(int(f.sysfd))
			switch {
			case err == nil:
				return newTCPConn(f.hub, sysfd, tcpAddr(sa))
			case isGone(err):
				continue
			case !isAgain(err):
				return nil, err
			}
			f.r.ready = false
		}
		if err := f.wait(&f.r, readable, toAccept); err != nil {
			return nil, err
		}
	}
}

// SetDeadline sets the time after which Accept fails with os.ErrDeadlineExceeded; zero means none. Safe from any goroutine.
func (l *TCPListener) SetDeadline(t time.Time) error {
	if err := l.fd.setDeadline(t, &l.fd.r); err != nil {
		return l.fail("set", err)
	}
	return nil
}

// Close stops listening. Whoever waits in Accept gets an error that is net.ErrClosed. Does not park. Safe from any goroutine.
func (l *TCPListener) Close() error {
	if err := l.fd.close(); err != nil {
		return l.fail("close", err)
	}
	return nil
}

// Addr returns the address that is listened on, with the port that was chosen if 0 was asked for. Safe from any goroutine.
func (l *TCPListener) Addr() net.Addr { return l.addr }

func (l *TCPListener) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Addr: l.addr, Err: err}
}
