package gevent

import (
	"context"
	"net"

	"greenloop/sched"
)

// What is looked up less often than addresses goes through the same door, and is neither shared nor kept.

// LookupPort returns the number of a service's port, as net.Resolver's does; network is "tcp" or "udp" or one of theirs
// with a 4 or a 6. A number is not looked up. Parks. Hub thread only.
func (r *Resolver) LookupPort(ctx context.Context, network, service string) (int, error) {
	r.use("Resolver.LookupPort")
	if isNumber(service) {
		return r.system().LookupPort(ctx, network, service)
	}
	return ask(ctx, r, "port "+service, func(ctx context.Context, system *net.Resolver) (int, error) {
		return system.LookupPort(ctx, network, service)
	})
}

// LookupCNAME returns the canonical name of a host, as net.Resolver's does. Parks. Hub thread only.
func (r *Resolver) LookupCNAME(ctx context.Context, host string) (string, error) {
	r.use("Resolver.LookupCNAME")
	return ask(ctx, r, "CNAME of "+host, func(ctx context.Context, system *net.Resolver) (string, error) {
		return system.LookupCNAME(ctx, host)
	})
}

// LookupMX returns who takes mail for a domain, best first, as net.Resolver's does. Parks. Hub thread only.
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	r.use("Resolver.LookupMX")
	return ask(ctx, r, "MX of "+name, func(ctx context.Context, system *net.Resolver) ([]*net.MX, error) {
		return system.LookupMX(ctx, name)
	})
}

// LookupTXT returns the texts of a domain, as net.Resolver's does. Parks. Hub thread only.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	r.use("Resolver.LookupTXT")
	return ask(ctx, r, "TXT of "+name, func(ctx context.Context, system *net.Resolver) ([]string, error) {
		return system.LookupTXT(ctx, name)
	})
}

// LookupSRV returns who offers a service in a domain, in the order in which they are to be tried, and its canonical name,
// as net.Resolver's does. Parks. Hub thread only.
func (r *Resolver) LookupSRV(ctx context.Context, service, proto, name string) (cname string, addrs []*net.SRV, err error) {
	r.use("Resolver.LookupSRV")
	type answer struct {
		cname string
		addrs []*net.SRV
	}
	a, err := ask(ctx, r, "SRV of "+name, func(ctx context.Context, system *net.Resolver) (a answer, err error) {
		a.cname, a.addrs, err = system.LookupSRV(ctx, service, proto, name)
		return a, err
	})
	return a.cname, a.addrs, err
}

// LookupAddr returns the names of an address, as net.Resolver's does. Parks. Hub thread only.
func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	r.use("Resolver.LookupAddr")
	return ask(ctx, r, "names of "+addr, func(ctx context.Context, system *net.Resolver) ([]string, error) {
		return system.LookupAddr(ctx, addr)
	})
}

// ask has fn ask the system, on a goroutine. Its context is done when ctx is, or when nobody waits any more.
func ask[T any](ctx context.Context, r *Resolver, what string,
	fn func(ctx context.Context, system *net.Resolver) (T, error),
) (T, error) {
	system := r.system() // read here, see takeOff
	e := newErrand(r.hub, sched.Why("look-up of "+what), func(left context.Context) (T, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(left, cancel)()
		return fn(ctx, system)
	}, nil)
	return e.run(&r.hub.awaits, Never)
}

// isNumber reports whether s consists of digits only.
func isNumber(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
