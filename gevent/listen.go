package gevent

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
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
		var end netip.AddrPort
		if end, err = resolve(h, network, address, Never); err == nil {
			to := net.TCPAddrFromAddrPort(end)
			a = to
			l, err = c.listenTCP(h, network, to)
		}
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: a, Err: err}
	}
	return l, nil
}

var errNoPoller = fmt.Errorf("gevent: sockets need a poller: %w", errors.ErrUnsupported)

// canDo refuses what this hub or this package cannot do.
func (h *Hub) canDo(op, network string) error {
	switch network {
	case "tcp", "tcp4", "tcp6", "unix", "unixpacket":
	default:
		return &net.OpError{Op: op, Net: network, Err: net.UnknownNetworkError(network)}
	}
	return h.needsPoller(op, network)
}
