package gevent

import (
	"net"
	"time"
)

// A TCPConn is a TCP connection as a net.Conn. In a greenlet its calls park that greenlet alone; on any other goroutine
// they block that goroutine, as those of package net do, and never the hub. Several greenlets may read and write at the
// same time: a write is not mixed with another one. It belongs to the hub that made it, and is closed when that ends.
//
// As with package net, what is written leaves at once, and a peer that is silent is asked every 15 seconds whether it is
// still there, unless a ListenConfig or the Set calls say otherwise.
type TCPConn struct{ streamConn }

// openTCPConn makes sysfd a connection, with the options that it has. If it fails sysfd is closed.
func openTCPConn(h *Hub, sysfd int, remote net.Addr) (*TCPConn, error) {
	c := &TCPConn{streamConn{conn{local: localAddr(sysfd), remote: remote}}}
	c.fd.socket = true
	if err := h.register(&c.fd, sysfd); err != nil {
		return nil, err
	}
	return c, nil
}

// SetNoDelay says whether small writes are sent at once, as is the default, or may be held back to be sent together
// (Nagle's algorithm). Safe from any goroutine.
func (c *TCPConn) SetNoDelay(on bool) error {
	return c.control("set", func(sysfd int) error { return setNoDelay(sysfd, on) })
}

// SetLinger says what Close does with data that the peer has not acknowledged: with sec < 0, the default, the system goes
// on to send them; with 0 it drops them and resets the connection; with more, it drops them after that many seconds, on
// some systems. Close does not wait in any case: where the system would, for those seconds, a goroutine does. That is
// known of what was set here only; set through SyscallConn, it has Close block the hub. Safe from any goroutine.
func (c *TCPConn) SetLinger(sec int) error {
	return c.control("set", func(sysfd int) error {
		if sec > 0 {
			c.fd.lingers.Store(true) // before it does: the hub may close it at any time
		}
		err := setLinger(sysfd, sec)
		if err == nil && sec <= 0 {
			c.fd.lingers.Store(false)
		}
		return err
	})
}

// SetKeepAlive says whether the system asks a peer that is silent whether it is still there, as is the default, so that
// a read fails when it is not. Safe from any goroutine.
func (c *TCPConn) SetKeepAlive(on bool) error {
	return c.control("set", func(sysfd int) error { return setKeepAlive(sysfd, on) })
}

// SetKeepAlivePeriod sets how long the peer must have been silent, in seconds rounded up; OpenBSD cannot. Safe from any
// goroutine.
func (c *TCPConn) SetKeepAlivePeriod(d time.Duration) error {
	return c.control("set", func(sysfd int) error {
		return setKeepAliveTimes(sysfd, net.KeepAliveConfig{Idle: d, Interval: -1, Count: -1})
	})
}

// SetKeepAliveConfig sets all of that, as package net's does: of the times and the count, 0 stands for the default (15
// seconds, 9), and a negative one leaves it as it is. Safe from any goroutine.
func (c *TCPConn) SetKeepAliveConfig(config net.KeepAliveConfig) error {
	return c.control("set", func(sysfd int) error {
		if err := setKeepAlive(sysfd, config.Enable); err != nil {
			return err
		}
		return setKeepAliveTimes(sysfd, config)
	})
}
