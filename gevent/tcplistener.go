package gevent

import "net"

// A TCPListener is a TCP listener as a net.Listener. Its Accept parks a greenlet, or blocks another goroutine, which then
// gets a connection of package net. It belongs to the hub that made it, and is closed when that ends.
type TCPListener struct{ listener }

// listenTCP listens on a.
func (c *ListenConfig) listenTCP(h *Hub, network string, a *net.TCPAddr) (*TCPListener, error) {
	keep := keepAlive(c.KeepAlive, c.KeepAliveConfig)
	sysfd, err := listenOn(network, a, c.backlog(), func(sysfd int, network string) error {
		if c.ReusePort {
			if err := setReusePort(sysfd); err != nil {
				return err
			}
		}
		if inheritsOptions {
			tune(sysfd, keep)
		}
		return c.control(sysfd, network, a.String())
	})
	if err != nil {
		return nil, err
	}
	return newTCPListener(h, sysfd, keep, inheritsOptions)
}

// newTCPListener makes sysfd a listener; tuned says that its connections have their options from it. If it fails sysfd is
// closed.
func newTCPListener(h *Hub, sysfd int, keep net.KeepAliveConfig, tuned bool) (*TCPListener, error) {
	l := &TCPListener{listener{addr: localAddr(sysfd)}}
	if keep != usualKeepAlive {
		l.keep = &keep
	}
	l.welcome = func(sysfd int, peer sysAddr) (net.Conn, error) {
		if !tuned {
			tune(sysfd, keep)
		}
		return asConn(openTCPConn(h, sysfd, tcpAddr(peer)))
	}
	if err := h.register(&l.fd, sysfd); err != nil {
		return nil, err
	}
	return l, nil
}

// asConn keeps a nil pointer from becoming a net.Conn that is not nil.
func asConn[C net.Conn](c C, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (c *ListenConfig) backlog() int {
	if c.Backlog == 0 {
		return maxBacklog
	}
	return c.Backlog
}

// control calls Control with a socket that is not bound yet.
func (c *ListenConfig) control(sysfd int, network, address string) error {
	if c.Control == nil {
		return nil
	}
	return c.Control(network, address, newSocket(sysfd))
}
