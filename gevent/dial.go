package gevent

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"greenloop/netpoll"
	"greenloop/sched"
)

// Dial connects to a TCP address, as net.Dial does; network is "tcp", "tcp4" or "tcp6". Of several addresses of a host
// the first that answers is taken. Parks. Hub thread only.
func Dial(network, address string) (*TCPConn, error) {
	return dial(current("Dial"), network, address, sched.Never)
}

// DialTimeout is Dial that fails with os.ErrDeadlineExceeded after the duration d, the look-up of the name included. Parks.
// Hub thread only.
func DialTimeout(network, address string, d time.Duration) (*TCPConn, error) {
	h := current("DialTimeout")
	return dial(h, network, address, h.sched.After(d))
}

func dial(h *Hub, network, address string, deadline time.Duration) (*TCPConn, error) {
	if err := h.canDo("dial", network); err != nil {
		return nil, err
	}
	addrs, err := resolve(h, network, address, deadline)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	var first error
	for _, a := range addrs {
		c, err := dialOne(h, a, deadline)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = &net.OpError{Op: "dial", Net: network, Addr: a, Err: err}
		}
	}
	return nil, first
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
		if err := f.wait(&f.w, netpoll.Writable, "connect"); err != nil {
			return nil, err
		}
	}
	if err := connected(int(f.sysfd)); err != nil {
		return nil, err
	}
	f.r.ready, f.hup = true, false
	f.w.deadline.Store(0)
	c.local = localAddr(int(f.sysfd))
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
	addrs, err := offload(h, sched.Why("look-up of "+address), func() ([]*net.TCPAddr, error) {
		return lookUp(ctx, network, address)
	}, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		err = sched.ErrTimeout
	}
	return addrs, err
}

// lookUp asks the system's resolver. It blocks.
func lookUp(ctx context.Context, network, address string) ([]*net.TCPAddr, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, network, service)
	if err != nil {
		return nil, err
	}
	if host == "" {
		return []*net.TCPAddr{{Port: port}}, nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, map[string]string{"tcp": "ip", "tcp4": "ip4", "tcp6": "ip6"}[network], host)
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
