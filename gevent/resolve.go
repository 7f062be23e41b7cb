package gevent

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// endpoints returns what an address "host:port" of a TCP or UDP network stands for, as package net understands it. The host
// is empty or a literal address, or it is looked up, and so is a port that is a name.
func (r *Resolver) endpoints(a *asker, network, address string) ([]netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := r.port(a, network, service)
	if err != nil {
		return nil, err
	}
	if host == "" {
		return []netip.AddrPort{netip.AddrPortFrom(netip.Addr{}, uint16(port))}, nil
	}
	addrs, err := r.addrs(a, "ip"+network[len("tcp"):], host)
	if err != nil {
		return nil, err
	}
	ends := make([]netip.AddrPort, len(addrs))
	for i, addr := range addrs {
		ends[i] = netip.AddrPortFrom(addr, uint16(port))
	}
	return ends, nil
}

func (r *Resolver) port(a *asker, network, service string) (int, error) {
	ctx := a.ctx
	if a.deadline != Never && !isNumber(service) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.deadline-a.hub.sched.Now())
		defer cancel()
	}
	return r.LookupPort(ctx, network, service)
}

// resolveTCP returns the TCP addresses that an address stands for.
func (r *Resolver) resolveTCP(a *asker, network, address string) ([]*net.TCPAddr, error) {
	ends, err := r.endpoints(a, network, address)
	if err != nil {
		return nil, err
	}
	addrs := make([]*net.TCPAddr, len(ends))
	for i, end := range ends {
		addrs[i] = net.TCPAddrFromAddrPort(end)
	}
	return addrs, nil
}

// resolve returns the TCP addresses that an address stands for, by the hub's own Resolver.
func resolve(h *Hub, network, address string, deadline time.Duration) ([]*net.TCPAddr, error) {
	a := new(asker)
	a.begin(context.Background(), h, deadline)
	defer a.end()
	h.resolver.use("resolve")
	return h.resolver.resolveTCP(a, network, address)
}
