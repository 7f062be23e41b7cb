package gevent

import (
	"context"
	"net"
	"net/netip"
	"slices"
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
	return eachAs(ends, net.TCPAddrFromAddrPort), err
}

func (r *Resolver) resolveUDP(a *asker, network, address string) ([]*net.UDPAddr, error) {
	ends, err := r.endpoints(a, network, address)
	return eachAs(ends, net.UDPAddrFromAddrPort), err
}

func eachAs[A any](ends []netip.AddrPort, as func(netip.AddrPort) A) []A {
	addrs := make([]A, len(ends))
	for i, end := range ends {
		addrs[i] = as(end)
	}
	return addrs
}

// resolve returns the address of a TCP or UDP network to listen on, by the hub's own Resolver: of several that a host has,
// the one that package net chooses, the first of IPv4 if there is one.
func resolve(h *Hub, network, address string, deadline time.Duration) (netip.AddrPort, error) {
	a := new(asker)
	a.begin(context.Background(), h, deadline)
	defer a.end()
	h.resolver.use("resolve")
	ends, err := h.resolver.endpoints(a, network, address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return ends[max(slices.IndexFunc(ends, func(e netip.AddrPort) bool { return e.Addr().Is4() }), 0)], nil
}
