package gevent

import (
	"context"
	"net"
	"net/netip"
	"slices"

	"greenloop/sched"
)

// A flight is the look-up of one name, which a goroutine makes for all greenlets that ask for it meanwhile. Whoever leaves
// early ends it for nobody else; the last one to leave cancels it.
type flight struct {
	*errand[[]netip.Addr]
	resolver *Resolver
	name     hostName
	askers   int // who have not left
	waiters  sched.WaitQueue
	landed   bool
	addrs    []netip.Addr
	err      error
}

// A hostName is what is looked up: a name, and for which family of addresses: "ip", "ip4" or "ip6".
type hostName struct{ network, host string }

// takeOff begins the look-up.
func (r *Resolver) takeOff(name hostName) *flight {
	system := r.system() // read here: who changes the default need not wait for look-ups that were given up
	f := &flight{resolver: r, name: name}
	f.errand = newErrand(r.hub, nil, func(ctx context.Context) ([]netip.Addr, error) {
		return lookUpHost(ctx, system, name)
	}, nil)
	f.notify = f.land
	if f.err = r.hub.awaits.submit(&f.crewJob); f.err != nil {
		f.landed = true
		return f
	}
	if r.flights == nil {
		r.flights = make(map[hostName]*flight)
	}
	r.flights[name] = f
	return f
}

// land takes the outcome, on the hub's thread, if the look-up is over and somebody has waited for it.
func (f *flight) land() {
	if over, _ := f.crew.reached(&f.crewJob, jobOver); !over {
		return
	}
	f.landed = true
	f.addrs, f.err = f.errand.value, f.errand.err
	f.errand.leave()
	if r := f.resolver; r.flights[f.name] == f { // else it is from before a Flush
		delete(r.flights, f.name)
		r.cache.keep(r, f.name, f.addrs, f.err)
	}
	f.waiters.WakeAll()
}

// await waits for the end of the flight.
func (f *flight) await(a *asker) ([]netip.Addr, error) {
	f.askers++
	defer f.leave() // also if we are killed meanwhile
	a.hub.expect()
	defer a.hub.unexpect()
	for !f.landed {
		if err := a.over(); err != nil {
			return nil, lookupError(err, f.name.host)
		}
		if err := a.wait(&f.waiters, sched.Why("look-up of "+f.name.host), Never); err != nil {
			return nil, err
		}
	}
	return slices.Clone(f.addrs), f.err
}

func (f *flight) leave() {
	f.askers--
	if f.askers > 0 || f.landed {
		return
	}
	if r := f.resolver; r.flights[f.name] == f {
		delete(r.flights, f.name) // who asks from now on begins anew
	}
	f.errand.leave()
}

// lookUpHost asks the system. It blocks.
func lookUpHost(ctx context.Context, system *net.Resolver, name hostName) ([]netip.Addr, error) {
	if name.network != "ip" {
		addrs, err := system.LookupNetIP(ctx, name.network, name.host)
		for i, a := range addrs {
			addrs[i] = a.Unmap() // package net gives those of IPv4 in the form of IPv6
		}
		if name.network == "ip4" || !slices.ContainsFunc(addrs, netip.Addr.IsLinkLocalUnicast) {
			return addrs, err
		}
		// Package net has lost their zones, without which they are of no use.
	}
	ips, err := system.LookupIPAddr(ctx, name.host)
	addrs := make([]netip.Addr, 0, len(ips))
	for _, ip := range ips {
		if a, ok := netip.AddrFromSlice(ip.IP); ok {
			a = a.Unmap().WithZone(ip.Zone)
			if suits(name.network, a) {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs, err
}

// suits reports whether an address is of the family that the name of the network ends with, if it does.
func suits(network string, a netip.Addr) bool {
	switch network[len(network)-1] {
	case '4':
		return a.Is4()
	case '6':
		return a.Is6()
	}
	return true
}
