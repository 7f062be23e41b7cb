package gevent

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// recordsOf returns a nameServer with one of everything.
func recordsOf() *nameServer {
	n := newNameServer()
	n.records = map[string][]record{
		"one.test.": {
			named(recordMX, "later.test.", 0, 20),
			named(recordMX, "mail.test.", 0, 10),
			{recordTXT, []byte("\x06a text")},
		},
		"_imap._tcp.one.test.":    {named(recordSRV, "mail.test.", 0, 1, 0, 0, 0, 143)},
		"1.2.0.192.in-addr.arpa.": {named(recordPTR, "one.test.")},
	}
	return n
}

// A lookupCase is a call that a Resolver and package net have in common.
type lookupCase struct {
	name string
	ours func(ctx context.Context, r *Resolver) (any, error)
	net  func(ctx context.Context, r *net.Resolver) (any, error)
}

func lookupCases() (cases []lookupCase) {
	hosts := []string{
		"localhost", "one.test.", "both.test.", "six.test.", "none.test.", "BOTH.test.", "", ".", "127.0.0.1", "::1",
		"fe80::1%lo", "::ffff:192.0.2.1", "a b", "-", "192.0.2.256", "[::1]", "one.test.:80",
	}
	for _, host := range hosts {
		cases = append(cases, lookupCase{"LookupHost " + host,
			func(ctx context.Context, r *Resolver) (any, error) {
				v, err := r.LookupHost(ctx, host)
				return sorted(v), err
			},
			func(ctx context.Context, r *net.Resolver) (any, error) {
				v, err := r.LookupHost(ctx, host)
				return sorted(v), err
			},
		}, lookupCase{"LookupIPAddr " + host,
			func(ctx context.Context, r *Resolver) (any, error) {
				v, err := r.LookupIPAddr(ctx, host)
				return texts(v), err
			},
			func(ctx context.Context, r *net.Resolver) (any, error) {
				v, err := r.LookupIPAddr(ctx, host)
				return texts(v), err
			},
		})
		for _, network := range []string{"ip", "ip4", "ip6", "tcp", ""} {
			cases = append(cases, lookupCase{"LookupNetIP " + network + " " + host,
				func(ctx context.Context, r *Resolver) (any, error) {
					v, err := r.LookupNetIP(ctx, network, host)
					return bare(v), err
				},
				func(ctx context.Context, r *net.Resolver) (any, error) {
					v, err := r.LookupNetIP(ctx, network, host)
					return bare(v), err
				},
			})
		}
	}
	for _, service := range []string{"80", "http", "https", "domain", "", "99999", "-1", "+80", "no-such-service", "HTTP"} {
		for _, network := range []string{"tcp", "udp", "tcp4", "ip", "nothing"} {
			cases = append(cases, lookupCase{"LookupPort " + network + " " + service,
				func(ctx context.Context, r *Resolver) (any, error) { return r.LookupPort(ctx, network, service) },
				func(ctx context.Context, r *net.Resolver) (any, error) { return r.LookupPort(ctx, network, service) },
			})
		}
	}
	for _, name := range []string{"one.test.", "both.test.", "none.test.", ""} {
		cases = append(cases,
			lookupCase{"LookupCNAME " + name,
				func(ctx context.Context, r *Resolver) (any, error) { return r.LookupCNAME(ctx, name) },
				func(ctx context.Context, r *net.Resolver) (any, error) { return r.LookupCNAME(ctx, name) }},
			lookupCase{"LookupMX " + name,
				func(ctx context.Context, r *Resolver) (any, error) { return r.LookupMX(ctx, name) },
				func(ctx context.Context, r *net.Resolver) (any, error) { return r.LookupMX(ctx, name) }},
			lookupCase{"LookupTXT " + name,
				func(ctx context.Context, r *Resolver) (any, error) { return r.LookupTXT(ctx, name) },
				func(ctx context.Context, r *net.Resolver) (any, error) { return r.LookupTXT(ctx, name) }},
			lookupCase{"LookupSRV " + name,
				func(ctx context.Context, r *Resolver) (any, error) {
					cname, addrs, err := r.LookupSRV(ctx, "imap", "tcp", name)
					return append(texts(addrs), cname), err
				},
				func(ctx context.Context, r *net.Resolver) (any, error) {
					cname, addrs, err := r.LookupSRV(ctx, "imap", "tcp", name)
					return append(texts(addrs), cname), err
				}})
	}
	for _, addr := range []string{"192.0.2.1", "192.0.2.9", "::1", "one.test.", ""} {
		cases = append(cases, lookupCase{"LookupAddr " + addr,
			func(ctx context.Context, r *Resolver) (any, error) { return r.LookupAddr(ctx, addr) },
			func(ctx context.Context, r *net.Resolver) (any, error) { return r.LookupAddr(ctx, addr) },
		})
	}
	return cases
}

func sorted(v []string) []string {
	slices.Sort(v)
	return v
}

// texts returns values as what they print, so that an address is the same in either length.
func texts[T any](values []T) (all []string) {
	for _, v := range values {
		switch v := any(v).(type) {
		case net.IPAddr:
			all = append(all, v.String())
		case *net.SRV:
			all = append(all, v.Target)
		}
	}
	return all
}

// bare returns addresses without what package net alone adds, and takes away.
func bare(addrs []netip.Addr) (all []netip.Addr) {
	for _, a := range addrs {
		all = append(all, a.Unmap().WithZone(""))
	}
	return all
}

// All results and errors are package net's, the second time as well, when some come from the cache.
func TestResolverEqualsNet(t *testing.T) {
	virtual(t, func() error {
		n := recordsOf()
		r := &Resolver{Net: n.net()}
		cases := lookupCases()
		for range 2 {
			for _, c := range cases {
				type outcome struct {
					value any
					err   error
				}
				want, err := await(func() (o outcome, err error) {
					o.value, o.err = c.net(context.Background(), n.net())
					return o, nil
				})
				require.NoError(t, err)
				value, err := c.ours(context.Background(), r)
				require.Equal(t, want.value, value, c.name)
				require.Equal(t, want.err, err, c.name)
			}
		}
		return nil
	})
}

func TestResolverKeepsZones(t *testing.T) {
	resolving(t, func(_ *nameServer, r *Resolver) {
		for _, network := range []string{"ip", "ip6"} {
			addrs, err := r.LookupNetIP(context.Background(), network, "fe80::1%lo")
			require.NoError(t, err)
			require.Equal(t, addrsOf("fe80::1%lo"), addrs)
		}
	})
}

func TestResolverAddressesOfALink(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		n.addrs["link.test."] = []string{"fe80::1", "169.254.1.1"}
		for network, want := range map[string][]string{"ip6": {"fe80::1"}, "ip4": {"169.254.1.1"}} {
			addrs, err := r.LookupNetIP(context.Background(), network, "link.test.")
			require.NoError(t, err)
			require.Equal(t, addrsOf(want...), addrs)
		}
	})
}

// The kinds of look-up that are not shared end with who asks.
func TestInterruptedUncachedLookUps(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		open := n.shut()
		ctx := context.Background()
		for i, ask := range []func() error{
			func() error { return valueless(r.LookupMX(ctx, "one.test.")) },
			func() error { return valueless(r.LookupTXT(ctx, "one.test.")) },
			func() error { _, _, err := r.LookupSRV(ctx, "imap", "tcp", "one.test."); return err },
			func() error { return valueless(r.LookupAddr(ctx, "192.0.2.1")) },
			func() error { return valueless(r.LookupCNAME(ctx, "one.test.")) }, // the last, as it asks twice
		} {
			before := n.count("canceled")
			g := Spawn(ask)
			n.until(t, "dialled", n.count("dialled")+1)
			if i%2 == 0 {
				require.NoError(t, g.Kill())
			} else {
				throw(g, errMade)
				require.ErrorIs(t, g.Get(), errMade)
			}
			n.until(t, "canceled", before+1)
		}
		open()
		_, err := r.LookupTXT(ctx, "none.test.")
		var e *net.DNSError
		require.True(t, errors.As(err, &e) && e.IsNotFound)
	})
}
