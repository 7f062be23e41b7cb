package gevent

import "net"

// A UnixConn is a connection over a Unix domain socket as a net.Conn: a stream, or with the network "unixpacket" one that
// keeps the bounds of messages, of which a Read takes one, and drops what does not fit into its buffer. In a greenlet its
// calls park that greenlet alone; on any other goroutine they block that goroutine, as those of package net do, and never
// the hub. Several greenlets may read and write at the same time: a write is not mixed with another one. It belongs to the
// hub that made it, and is closed when that ends.
type UnixConn struct{ streamConn }

// SocketPair returns two connections over Unix domain sockets, without a name, that are connected to each other. Hub
// thread only.
func SocketPair() (*UnixConn, *UnixConn, error) {
	h := current("SocketPair")
	if err := h.canDo("socketpair", "unix"); err != nil {
		return nil, nil, err
	}
	one, other, err := sysSocketPair()
	if err != nil {
		return nil, nil, &net.OpError{Op: "socketpair", Net: "unix", Err: err}
	}
	a, err := openUnixConn(h, one, sockName(other, "unix"), "unix")
	if err != nil {
		_ = closeFd(other)
		return nil, nil, &net.OpError{Op: "socketpair", Net: "unix", Err: err}
	}
	b, err := openUnixConn(h, other, a.local, "unix")
	if err != nil {
		_ = a.Close()
		return nil, nil, &net.OpError{Op: "socketpair", Net: "unix", Err: err}
	}
	return a, b, nil
}

// dialUnix connects to a socket; local, unless nil, is the name of this end, and control, unless nil, is called with the
// socket before. Nothing of it waits: where the listener's queue is full it fails with EAGAIN or ECONNREFUSED, as the
// system says.
func dialUnix(h *Hub, remote, local *net.UnixAddr, control func(sysfd int) error) (*UnixConn, error) {
	sysfd, err := connectUnix(remote, local, control)
	if err != nil {
		return nil, err
	}
	return openUnixConn(h, sysfd, remote, remote.Net)
}

// openUnixConn makes sysfd a connection. If it fails sysfd is closed.
func openUnixConn(h *Hub, sysfd int, remote net.Addr, network string) (*UnixConn, error) {
	c := &UnixConn{streamConn{conn{local: sockName(sysfd, network), remote: remote}}}
	c.fd.bounded = true // by packets, and where descriptors were passed
	if err := h.register(&c.fd, sysfd); err != nil {
		return nil, err
	}
	return c, nil
}

// dialUnix dials the name of a socket. Nothing is looked up, and nothing waits.
func (d *Dialer) dialUnix(a *asker, network, address string) (net.Conn, error) {
	remote, err := net.ResolveUnixAddr(network, address)
	if err != nil {
		return nil, err
	}
	local, ok := d.LocalAddr.(*net.UnixAddr)
	if d.LocalAddr != nil && (!ok || local.Net != network) {
		return nil, mismatched(d.LocalAddr)
	}
	c, err := dialUnix(a.hub, remote, local, d.control(network, remote))
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Source: d.LocalAddr, Addr: remote, Err: err}
	}
	return c, nil
}
