package gevent

import (
	"context"
	"net"
	"syscall"
	"time"
)

// A UnixgramConn is a Unix domain socket for datagrams, as a net.PacketConn, and, where it was dialled, as a net.Conn.
// In a greenlet its calls park that greenlet alone; on any other goroutine they block that goroutine, as those of
// package net do, and never the hub. It belongs to the hub that made it, and is closed when that ends.
//
// Datagrams are kept in order and none is dropped: who sends to a receiver that does not read waits; some systems say
// ENOBUFS instead. A datagram without bytes is one all the same. One that does not fit into the buffer is cut off. As
// with package net, the file that a name stands for stays when the socket is closed: remove it, or take a name of
// Linux's that needs none, which begins with an "@".
type UnixgramConn struct{ conn }

// DialUnixgram returns a socket that is connected to that of the name remote. local is the name of this end, to which the
// other one can answer; it has none if that is empty. Nothing of it waits. Hub thread only.
func DialUnixgram(local, remote string) (*UnixgramConn, error) {
	h := current("DialUnixgram")
	d := new(Dialer)
	if local != "" {
		d.LocalAddr = &net.UnixAddr{Name: local, Net: "unixgram"}
	}
	c, err := d.dial(context.Background(), h, "unixgram", remote, Never)
	if err != nil {
		return nil, err
	}
	return c.(*UnixgramConn), nil
}

func (d *Dialer) dialUnixgram(a *asker, name string) (net.Conn, error) {
	to := &net.UnixAddr{Name: name, Net: "unixgram"}
	local, ok := d.LocalAddr.(*net.UnixAddr)
	if d.LocalAddr != nil && !ok {
		return nil, mismatched(d.LocalAddr)
	}
	var own string
	if local != nil {
		own = local.Name
	}
	var c *UnixgramConn
	sysfd, err := connectUnixgram(to, own, d.control(to.Net, to))
	if err == nil {
		c, err = openUnixgram(a.hub, sysfd, to)
	}
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: to.Net, Source: d.LocalAddr, Addr: to, Err: err}
	}
	return c, nil
}

func (c *ListenConfig) listenUnixgram(h *Hub, name string) (*UnixgramConn, error) {
	if err := h.needsPoller("listen", "unixgram"); err != nil {
		return nil, err
	}
	a := &net.UnixAddr{Name: name, Net: "unixgram"}
	var u *UnixgramConn
	sysfd, err := -1, error(errReusePort)
	if !c.ReusePort {
		sysfd, err = bindUnixgram(a, func(sysfd int) error { return c.control(sysfd, a.Net, name) })
	}
	if err == nil {
		u, err = openUnixgram(h, sysfd, nil)
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "unixgram", Addr: a, Err: err}
	}
	return u, nil
}

// openUnixgram makes sysfd a connection. If it fails sysfd is closed.
func openUnixgram(h *Hub, sysfd int, remote net.Addr) (*UnixgramConn, error) {
	c := &UnixgramConn{conn{local: sockName(sysfd, "unixgram"), remote: remote}}
	if err := h.register(&c.fd, sysfd); err != nil {
		return nil, err
	}
	return c, nil
}

// Read receives one datagram, waiting for it, and drops the address that it came from. It ends early with an
// os.ErrDeadlineExceeded at the read deadline, a net.ErrClosed on Close, or an error thrown at the greenlet. Parks.
// Safe from any goroutine.
func (c *UnixgramConn) Read(b []byte) (int, error) {
	switch {
	case !c.fd.hub.here():
		return c.readOutside(b)
	case len(b) == 0: // as package net does, which takes nothing then
		return 0, c.failed("read", c.fd.check(&c.fd.r))
	}
	n, _, err := c.ReadFrom(b)
	return n, err
}

// ReadFrom is Read that returns the address, a *net.UnixAddr, that the datagram came from: nil if that socket has no name.
// Parks. Safe from any goroutine.
func (c *UnixgramConn) ReadFrom(b []byte) (n int, from net.Addr, err error) {
	if !c.fd.hub.here() {
		o, err := c.outside("read")
		if err != nil {
			return 0, nil, err
		}
		return o.(net.PacketConn).ReadFrom(b)
	}
	err = c.fd.receive("recvfrom", func(sysfd int) (errno syscall.Errno) {
		n, from, errno = sysReceiveUnix(sysfd, b)
		return errno
	})
	return n, from, c.failed("read", err)
}

// Write sends b as one datagram to the socket that was dialled, once that has room for it. It ends early as Read does; the
// deadline is the write deadline. Parks. Safe from any goroutine.
func (c *UnixgramConn) Write(b []byte) (int, error) {
	if !c.fd.hub.here() {
		return c.writeOutside(b)
	}
	err := c.fd.send("write", func(sysfd int) syscall.Errno { return sysSend(sysfd, b) })
	return sent(b, err), c.failed("write", err)
}

// WriteTo sends b as one datagram to an address, a *net.UnixAddr, once there is room for it. The system does not tell
// when a receiver that was not dialled has some, so that is tried every few milliseconds. A connection that was dialled
// refuses it with net.ErrWriteToConnected. Parks. Safe from any goroutine.
func (c *UnixgramConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if !c.fd.hub.here() && c.remote == nil {
		o, err := c.outside("write")
		if err != nil {
			return 0, err
		}
		return o.(net.PacketConn).WriteTo(b, to)
	}
	err := c.sendTo(b, to)
	if err != nil {
		return 0, &net.OpError{Op: "write", Net: "unixgram", Source: c.local, Addr: to, Err: err}
	}
	return len(b), nil
}

// Pauses between the attempts of WriteTo.
const (
	firstRetry = time.Millisecond
	lastRetry  = 16 * time.Millisecond
)

func (c *UnixgramConn) sendTo(b []byte, to net.Addr) error {
	a, ok := to.(*net.UnixAddr)
	switch {
	case !ok || a == nil || a.Net != "unixgram":
		return syscall.EINVAL
	case c.remote != nil:
		return net.ErrWriteToConnected
	}
	full, deadline := false, Never
	if c.fd.limit > 0 {
		deadline = c.fd.hub.sched.After(c.fd.limit)
	}
	for retry := firstRetry; ; retry = min(2*retry, lastRetry) {
		err := c.fd.send("sendto", func(sysfd int) syscall.Errno {
			errno := sysSendUnix(sysfd, b, a.Name)
			if full = errno == syscall.EAGAIN; full {
				return 0
			}
			return errno
		})
		if err != nil || !full {
			return err
		}
		if err := c.fd.pause(retry, deadline); err != nil {
			return err
		}
	}
}
