package gevent

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"time"
)

// A Resolver looks names up for greenlets. It asks package net, on a goroutine, so that hosts files, search lists and all
// the rest are as the system has them; greenlets that ask for the addresses of the same name at the same time share one
// look-up, and what it has found is kept for a short time. Dial and Listen use that of the hub, see Hub.Resolver.
//
// The methods that take a context fail once that is done, with a *net.DNSError in which errors.Is finds its error and its
// cause. What ends their wait besides is told in the package's text; a look-up that nobody waits for any more is canceled.
// Numeric addresses are never looked up. What is returned is the caller's own.
//
// The zero value is ready to use. It belongs to the hub of the greenlet that uses it first; when that has ended, to the
// next one. The settings must not be changed afterwards.
type Resolver struct {
	home

	// Net is what is asked; nil is net.DefaultResolver.
	Net *net.Resolver
	// TTL is how long addresses are kept. The system does not tell for how long they hold, so 0 is 5 seconds, as long as
	// package net keeps a hosts file without looking whether it has changed. A negative one keeps none.
	TTL time.Duration
	// NegativeTTL is how long it is kept that there is no such name, 0 is 1 second. A negative one keeps none. Other
	// failures, such as a server that does not answer, are never kept.
	NegativeTTL time.Duration
	// Size is how many names are kept, 0 is 1024.
	Size int

	cache   hostCache
	flights map[hostName]*flight
}

// Resolver returns the Resolver of Dial and Listen. Its settings may be changed before they are used. Hub thread only.
func (h *Hub) Resolver() *Resolver { return &h.resolver }

// Flush forgets what was kept. Look-ups that are under way go on, for who has asked already. Hub thread only.
func (r *Resolver) Flush() {
	r.use("Resolver.Flush")
	r.forget()
}

func (r *Resolver) forget() {
	r.cache, r.flights = hostCache{}, nil // who asks from now on begins anew
}

// LookupHost returns the addresses of a host, as net.Resolver's does, in the order in which Dial tries them. Parks. Hub
// thread only.
func (r *Resolver) LookupHost(ctx context.Context, host string) ([]string, error) {
	r.use("Resolver.LookupHost")
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}, nil
	}
	addrs, err := r.lookUp(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	hosts := make([]string, len(addrs))
	for i, a := range addrs {
		hosts[i] = a.String()
	}
	return hosts, nil
}

// LookupIPAddr returns the addresses of a host, as net.Resolver's does. Parks. Hub thread only.
func (r *Resolver) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	r.use("Resolver.LookupIPAddr")
	addrs, err := r.lookUp(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	ips := make([]net.IPAddr, len(addrs))
	for i, a := range addrs {
		wide := a.As16()
		ips[i] = net.IPAddr{IP: wide[:], Zone: a.Zone()}
	}
	return ips, nil
}

// LookupNetIP returns the addresses of a host; network is "ip", "ip4" or "ip6". It differs from net.Resolver's in that IPv4
// addresses are that, and not mapped to IPv6, and that zones are kept. Parks. Hub thread only.
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	r.use("Resolver.LookupNetIP")
	switch network {
	case "ip", "ip4", "ip6":
		return r.lookUp(ctx, network, host)
	}
	return nil, net.UnknownNetworkError(network)
}

// lookUp returns the addresses of a host for who has a context.
func (r *Resolver) lookUp(ctx context.Context, network, host string) ([]netip.Addr, error) {
	a := new(asker)
	a.begin(ctx, r.hub, Never)
	defer a.end()
	return r.addrs(a, network, host)
}

// addrs returns the addresses of a host: from the text itself, from the cache, or by a look-up.
func (r *Resolver) addrs(a *asker, network, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr = addr.Unmap(); suits(network, addr) {
			return []netip.Addr{addr}, nil
		}
		return nil, &net.AddrError{Err: noSuitableAddress, Addr: host}
	}
	if host == "" {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	if err := a.over(); err != nil {
		return nil, lookupError(err, host)
	}
	name := hostName{network, host}
	if entry := r.cache.find(name, a.hub.sched.Now()); entry != nil {
		a.hub.sched.Spend()
		return slices.Clone(entry.addrs), entry.err
	}
	f := r.flights[name]
	if f == nil {
		f = r.takeOff(name)
	}
	return f.await(a)
}

// noSuitableAddress is said, as by package net, of a host that has addresses, but none of the family that was asked for.
const noSuitableAddress = "no suitable address found"

// lookupError returns the error of a look-up that our own limits have ended.
func lookupError(err error, host string) error {
	return &net.DNSError{UnwrapErr: err, Err: err.Error(), Name: host, IsTimeout: isTimeout(err)}
}

// use makes the calling thread's hub the Resolver's. What was kept for another one, which has ended, is forgotten.
func (r *Resolver) use(call string) {
	before := r.hub
	if r.at(call) != before {
		r.forget()
	}
}

// system returns what is asked.
func (r *Resolver) system() *net.Resolver {
	if r.Net != nil {
		return r.Net
	}
	return net.DefaultResolver
}

// ttl returns how long the outcome of a look-up is kept.
func (r *Resolver) ttl(err error) time.Duration {
	switch {
	case err == nil:
		return cmp.Or(r.TTL, 5*time.Second)
	case isUnknown(err):
		return cmp.Or(r.NegativeTTL, time.Second)
	}
	return 0
}

func (r *Resolver) size() int { return max(cmp.Or(r.Size, 1024), 1) }
