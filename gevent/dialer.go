package gevent

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"
)

// A Dialer makes connections, as net.Dialer does: its fields mean what they mean there, if nothing else is said. Its
// methods have the types that libraries take for a dial function of the user's own. The zero value dials without limits,
// as Dial does. It is not changed by its use, and may be used by several hubs if it has no Resolver.
type Dialer struct {
	// Timeout is how long a dial may take, look-ups included; 0 is no limit.
	Timeout time.Duration
	// Deadline is the time of the wall clock after which a dial fails; zero is none.
	Deadline time.Time
	// LocalAddr is the address to dial from; of several addresses of a host only those of its family are tried.
	LocalAddr net.Addr
	// FallbackDelay is after what time without an answer the next address of a host is tried as well; 0 is 300 ms, as in
	// package net, between the bounds that RFC 8305 gives for it. If it is negative one address is tried after the other,
	// each with its share of the time that is left.
	FallbackDelay time.Duration
	// KeepAlive is how long a TCP connection is silent before the first of the keep-alive probes, which then come every 15
	// seconds; 0 is 15 seconds, too, and a negative one turns them off. It does not count if KeepAliveConfig.Enable is set.
	KeepAlive time.Duration
	// KeepAliveConfig says it in detail.
	KeepAliveConfig net.KeepAliveConfig
	// Resolver looks names up; nil is that of the hub.
	Resolver *Resolver
	// Control, unless nil, is called with each socket before it is connected, in the greenlet that dials; for "tcp" the
	// network is "tcp4" or "tcp6". Of c, Control alone is of use; nothing can be read or written yet.
	Control func(network, address string, c syscall.RawConn) error
}

// Dial is DialContext without a context. Parks. Hub thread only.
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext connects to an address; networks are those of the function Dial. If several addresses belong to the host,
// they are tried in the order of the system, the families by turns, each as soon as one has failed or FallbackDelay after
// the one before, and the first that answers is taken (RFC 8305). When all have failed, the error is that of the first.
//
// All errors are *net.OpError. It ends early with os.ErrDeadlineExceeded when the time is up, with the error and the cause
// of ctx once that is done, or with an error thrown at the greenlet; all sockets are closed then, as after a kill. Once it
// has returned, ctx does not matter any more. On a goroutine that is no hub's it fails: a connection belongs to a hub, and
// one of package net, handed to a greenlet, would block all others there. A net.Dialer serves such goroutines. Parks. Hub
// thread only.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if ctx == nil {
		panic("gevent: DialContext of a nil context; use context.Background")
	}
	h := lookup()
	if h == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errNoHub}
	}
	return d.dial(ctx, h, network, address, d.deadline(h))
}

var errNoHub = errors.New(
	"gevent: a Dialer was called outside a hub: call it in a greenlet; use a net.Dialer on goroutines",
)

// dial dials until the deadline.
func (d *Dialer) dial(ctx context.Context, h *Hub, network, address string, deadline time.Duration) (net.Conn, error) {
	a := new(asker)
	a.begin(ctx, h, deadline)
	defer a.end()
	c, err := d.dialNetwork(a, network, address)
	if err == nil {
		return c, nil
	}
	if op, ok := err.(*net.OpError); ok && op.Op == "dial" {
		return nil, err
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: err}
}

// dialNetwork dials as the network wants it. Here is the list of those that there are. Errors are of any type.
func (d *Dialer) dialNetwork(a *asker, network, address string) (net.Conn, error) {
	if a.hub.poll == nil {
		return nil, errNoPoller
	}
	if err := a.over(); err != nil { // not every network waits
		return nil, err
	}
	switch network {
	case "tcp", "tcp4", "tcp6":
		return d.dialTCP(a, network, address)
	case "unix", "unixpacket":
		return d.dialUnix(a, network, address)
	case "udp", "udp4", "udp6":
		return d.dialUDP(a, network, address)
	case "unixgram":
		return d.dialUnixgram(a, address)
	}
	return nil, net.UnknownNetworkError(network)
}

// deadline returns the first of the Dialer's two limits, on the hub's clock.
func (d *Dialer) deadline(h *Hub) time.Duration {
	deadline := Never
	if d.Timeout != 0 {
		deadline = h.sched.After(d.Timeout)
	}
	if !d.Deadline.IsZero() {
		deadline = min(deadline, h.sched.After(time.Until(d.Deadline)))
	}
	return deadline
}

// resolver returns what looks names up.
func (d *Dialer) resolver(h *Hub) *Resolver {
	r := d.Resolver
	if r == nil {
		r = &h.resolver
	}
	r.use("Dial with a Resolver")
	return r
}

// control returns what is to be done to a socket before it is connected, nil if that is nothing.
func (d *Dialer) control(network string, to net.Addr) func(sysfd int) error {
	if d.Control == nil {
		return nil
	}
	return func(sysfd int) error { return d.Control(network, to.String(), newSocket(sysfd)) }
}
