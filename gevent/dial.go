package gevent

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"greenloop/sched"
)

// Dial connects to a TCP address, as net.Dial does; network is "tcp", "tcp4" or "tcp6", and the connection a *TCPConn. Of
// several addresses of a host the first that answers is taken. Parks. Hub thread only.
func Dial(network, address string) (net.Conn, error) {
	return dial(current("Dial"), network, address, sched.Never)
}

// DialTimeout is Dial that fails with os.ErrDeadlineExceeded after the duration d, the look-up of the name included. Parks.
// Hub thread only.
func DialTimeout(network, address string, d time.Duration) (net.Conn, error) {
	h := current("DialTimeout")
	return dial(h, network, address, h.sched.After(d))
}

func dial(h *Hub, network, address string, deadline time.Duration) (net.Conn, error) {
	if err := h.canDo("dial", network); err != nil {
		return nil, err
	}
	addrs, err := resolve(h, network, address, deadline)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	return dialAny(h, network, addrs, deadline)
}

// dialAny dials one address after the other, until one answers.
func dialAny(h *Hub, network string, addrs []*net.TCPAddr, deadline time.Duration) (net.Conn, error) {
	var first error
	for _, a := range addrs {
		a = thisHost(network, a)
		c, err := dialOne(h, a, deadline)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = &net.OpError{Op: "dial", Net: network, Addr: a, Err: err}
		}
		if refused := new(os.SyscallError); !errors.As(err, &refused) {
			break // not the address's fault: time is up, or an error was thrown at us
		}
	}
	return nil, first
}

// thisHost returns the loopback address for the unspecified one, as package net dials it.
func thisHost(network string, a *net.TCPAddr) *net.TCPAddr {
	switch {
	case len(a.IP) > 0 && !a.IP.IsUnspecified():
		return a
	case network == "tcp6":
		return &net.TCPAddr{IP: net.IPv6loopback, Port: a.Port}
	default:
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: a.Port}
	}
}

func dialOne(h *Hub, to *net.TCPAddr, deadline time.Duration) (*TCPConn, error) {
	sysfd, started, err := connect(to)
	if err != nil {
		return nil, err
	}
	c, err := newTCPConn(h, sysfd, to)
	if err != nil || !started {
		return c, err
	}
	ok := false
	defer func() { // also if we are killed meanwhile
		if !ok {
			_ = c.Close()
		}
	}()
	f := &c.fd
	f.r.ready, f.w.ready = false, false
	if deadline != sched.Never {
		f.w.deadline.Store(int64(deadline))
	}
	for !f.w.ready {
		if err := f.wait(&f.w, writable, toConnect); err != nil {
			return nil, err
		}
	}
	if err := connected(int(f.sysfd)); err != nil {
		return nil, err
	}
	f.r.ready = true // and hup stays: the peer may have sent and closed already
	f.w.deadline.Store(0)
	c.local = localAddr(int(f.sysfd))
	if l, ok := c.local.(*net.TCPAddr); ok && l.Port == to.Port && l.IP.Equal(to.IP) {
		// Nobody listens there, but the kernel chose that very port for our end, and TCP lets an end connect to itself.
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	ok = true
	return c, nil
}

// resolve returns the addresses that address stands for, looking its name up on a goroutine if it has one.
func resolve(h *Hub, network, address string, deadline time.Duration) ([]*net.TCPAddr, error) {
	if isNumeric(address) {
		a, err := net.ResolveTCPAddr(network, address)
		return []*net.TCPAddr{a}, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if deadline != sched.Never {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, deadline-h.sched.Now())
		defer stop()
	}
	resolver := net.DefaultResolver // read here: who changes it need not wait for look-ups that were given up
	addrs, err := offload(h, sched.Why("look-up of "+address), func() ([]*net.TCPAddr, error) {
		addrs, err := lookUp(ctx, resolver, network, address)
		if errors.Is(err, context.DeadlineExceeded) { // asked here: what ends our wait may be another's context
			err = os.ErrDeadlineExceeded
		}
		return addrs, err
	}, nil)
	return addrs, err
}

// lookUp asks the resolver. It blocks.
func lookUp(ctx context.Context, resolver *net.Resolver, network, address string) ([]*net.TCPAddr, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := resolver.LookupPort(ctx, network, service)
	if err != nil {
		return nil, err
	}
	if host == "" {
		return []*net.TCPAddr{{Port: port}}, nil
	}
	ips, err := resolver.LookupNetIP(ctx, map[string]string{"tcp": "ip", "tcp4": "ip4", "tcp6": "ip6"}[network], host)
	if err != nil {
		return nil, err
	}
	addrs := make([]*net.TCPAddr, len(ips))
	for i, ip := range ips {
		addrs[i] = net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	return addrs, nil
}

func parseIP(host string) (netip.Addr, error) { return netip.ParseAddr(host) }
