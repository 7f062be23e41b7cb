package gevent

import (
	"net"
	"slices"

	"greenloop/sched"
)

// Listen listens on an address of a network as net.Listen does, with a ListenConfig's defaults. Networks are "tcp",
// "tcp4" and "tcp6", for which the result is a *TCPListener, "unix" and, where the system has it, "unixpacket", for
// which it is a *UnixListener. Without a host, or with an unspecified one, "tcp" takes both IPv4 and IPv6 where one
// socket can. Parks only to look up a host name. Hub thread only.
func Listen(network, address string) (net.Listener, error) {
	return new(ListenConfig).listen(current("Listen"), network, address)
}

func (c *ListenConfig) listen(h *Hub, network, address string) (net.Listener, error) {
	if err := h.canDo("listen", network); err != nil {
		return nil, err
	}
	var l net.Listener
	var a net.Addr
	var err error
	switch network {
	case "unix", "unixpacket":
		var name *net.UnixAddr
		if name, err = net.ResolveUnixAddr(network, address); err == nil {
			a = name
			l, err = c.listenUnix(h, name)
		}
	default:
		var addrs []*net.TCPAddr
		if addrs, err = resolve(h, network, address, sched.Never); err == nil {
			to := favorite(addrs)
			a = to
			l, err = c.listenTCP(h, network, to)
		}
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: a, Err: err}
	}
	return l, nil
}

// favorite chooses one of the addresses of a host as package net does: the first of IPv4, if there is one.
func favorite(addrs []*net.TCPAddr) *net.TCPAddr {
	return addrs[max(slices.IndexFunc(addrs, func(a *net.TCPAddr) bool { return a.IP.To4() != nil }), 0)]
}

// canDo refuses what this hub or this package cannot do.
func (h *Hub) canDo(op, network string) error {
	switch network {
	case "tcp", "tcp4", "tcp6", "unix", "unixpacket":
	default:
		return &net.OpError{Op: op, Net: network, Err: net.UnknownNetworkError(network)}
	}
	if h.poll == nil {
		return &net.OpError{Op: op, Net: network, Err: errNoPoller}
	}
	return nil
}

// isNumeric reports whether address has no host name to be looked up.
func isNumeric(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return true // to be refused without looking anything up
	}
	for _, c := range port {
		if c < '0' || c > '9' {
			return false
		}
	}
	if host == "" {
		return true
	}
	_, err = parseIP(host)
	return err == nil
}
