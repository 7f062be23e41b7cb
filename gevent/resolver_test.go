package gevent

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// resolving runs fn on virtual time with a Resolver that asks a nameServer.
func resolving(t *testing.T, fn func(n *nameServer, r *Resolver)) {
	virtual(t, func() error {
		n := newNameServer()
		fn(n, &Resolver{Net: n.net()})
		return nil
	})
}

func lookUpOne(r *Resolver) ([]netip.Addr, error) {
	return r.LookupNetIP(context.Background(), "ip", "one.test.")
}

var addrOne = addrsOf("192.0.2.1")

func TestResolverSharesALookUp(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		open := n.shut()
		asks := make([]*Result[[]netip.Addr], 200)
		for i := range asks {
			asks[i] = Go(func() ([]netip.Addr, error) { return lookUpOne(r) })
		}
		n.until(t, "dialled", 1)
		for i, g := range asks[:100] { // the one that began it, too
			if i%2 == 0 {
				require.NoError(t, g.Kill())
			} else {
				throw(&g.Greenlet, errMade)
				require.ErrorIs(t, valueless(g.Get()), errMade)
			}
		}
		open()
		for _, g := range asks[100:] {
			addrs, err := g.Get()
			require.NoError(t, err)
			require.Equal(t, addrOne, addrs)
			addrs[0] = netip.Addr{} // it is the caller's own
		}
		require.Equal(t, 1, n.count("A one.test."))
		require.Equal(t, 1, n.count("AAAA one.test."))
		require.Zero(t, n.count("canceled"))
		require.Empty(t, r.flights)
	})
}

func TestResolverKeepsAddresses(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		ask := func(times int) {
			t.Helper()
			addrs, err := lookUpOne(r)
			require.NoError(t, err)
			require.Equal(t, addrOne, addrs)
			require.Equal(t, times, n.count("A one.test."))
			addrs[0] = netip.Addr{}
		}
		ask(1)
		require.NoError(t, Sleep(5*time.Second-1))
		ask(1)
		require.NoError(t, Sleep(1))
		ask(2)
		r.Flush()
		ask(3)
		ask(3)
		_, err := r.LookupNetIP(context.Background(), "ip4", "one.test.")
		require.NoError(t, err)
		require.Equal(t, 4, n.count("A one.test."), "each family is by itself")
	})
}

func TestResolverKeepsWhatDoesNotExist(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		ask := func(times int) {
			t.Helper()
			_, err := r.LookupHost(context.Background(), "none.test.")
			var e *net.DNSError
			require.ErrorAs(t, err, &e)
			require.True(t, e.IsNotFound)
			require.Equal(t, times, n.count("A none.test."))
		}
		ask(1)
		require.NoError(t, Sleep(time.Second-1))
		ask(1)
		require.NoError(t, Sleep(1))
		ask(2)
	})
}

func TestResolverKeepsNoFailures(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		n.broken = true
		_, err := lookUpOne(r)
		var e *net.DNSError
		require.ErrorAs(t, err, &e)
		require.True(t, e.IsTemporary)
		n.broken = false
		addrs, err := lookUpOne(r)
		require.NoError(t, err)
		require.Equal(t, addrOne, addrs)
	})
}

func TestResolverThatKeepsNothing(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		r.TTL, r.NegativeTTL = -1, -1
		for i := range 3 {
			_, err := lookUpOne(r)
			require.NoError(t, err)
			require.Equal(t, i+1, n.count("A one.test."))
			_, err = r.LookupHost(context.Background(), "none.test.")
			require.Error(t, err)
			require.Equal(t, i+1, n.count("A none.test."))
		}
	})
}

func TestResolverSettings(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		r.TTL, r.NegativeTTL = time.Minute, time.Hour
		ask := func(name string, times int) {
			t.Helper()
			_, _ = r.LookupHost(context.Background(), name)
			require.Equal(t, times, n.count("A "+name))
		}
		for range 2 {
			ask("one.test.", 1)
			ask("none.test.", 1)
			require.NoError(t, Sleep(time.Minute-1))
		}
		ask("one.test.", 2)
		require.NoError(t, Sleep(time.Hour))
		ask("none.test.", 2)
	})
}

// When the cache is full the name goes that nobody has asked for longest.
func TestResolverIsBounded(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		r.Size = 2
		ask := func(name string, times int) {
			t.Helper()
			_, err := r.LookupHost(context.Background(), name)
			require.NoError(t, err)
			require.Equal(t, times, n.count("A "+name), name)
			require.LessOrEqual(t, r.cache.order.Len(), 2)
			require.Len(t, r.cache.entries, r.cache.order.Len())
		}
		ask("one.test.", 1)
		ask("both.test.", 1)
		ask("one.test.", 1)
		ask("six.test.", 1) // both.test. goes
		ask("one.test.", 1)
		ask("both.test.", 2) // six.test. goes
		ask("one.test.", 1)
		ask("six.test.", 2)
	})
}

// The last one who leaves cancels the look-up; who comes then begins anew.
func TestResolverCancels(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		open := n.shut()
		ask := func() *Result[[]netip.Addr] { return Go(func() ([]netip.Addr, error) { return lookUpOne(r) }) }
		a, b := ask(), ask()
		n.until(t, "dialled", 1)
		require.NoError(t, a.Kill())
		require.Len(t, r.flights, 1)
		throw(&b.Greenlet, errMade)
		require.ErrorIs(t, valueless(b.Get()), errMade)
		require.Empty(t, r.flights)
		n.until(t, "canceled", 2) // one for each family
		c := ask()
		n.until(t, "dialled", 3)
		open()
		addrs, err := c.Get()
		require.NoError(t, err)
		require.Equal(t, addrOne, addrs)
		require.Equal(t, 1, n.count("A one.test."))
	})
}

// What was asked before a Flush is told to who has asked for it, and not kept.
func TestResolverFlushMeanwhile(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		open := n.shut()
		early := Go(func() ([]netip.Addr, error) { return lookUpOne(r) })
		n.until(t, "dialled", 1)
		r.Flush()
		left := Go(func() ([]netip.Addr, error) { return lookUpOne(r) })
		parked(t, &left.Greenlet)
		require.NoError(t, left.Kill())
		open()
		_, err := early.Get()
		require.NoError(t, err)
		require.Equal(t, 1, n.count("A one.test."))
		require.Zero(t, r.cache.order.Len())
	})
}

func TestResolverContext(t *testing.T) {
	resolving(t, func(n *nameServer, r *Resolver) {
		open := n.shut()
		other := Go(func() ([]netip.Addr, error) { return lookUpOne(r) })
		ended := map[string]struct {
			ctx func() (context.Context, func())
			is  []error
		}{
			"canceled": {func() (context.Context, func()) {
				ctx, cancel := context.WithCancel(context.Background())
				return ctx, cancel
			}, []error{context.Canceled}},
			"with a cause": {func() (context.Context, func()) {
				ctx, cancel := context.WithCancelCause(context.Background())
				return ctx, func() { cancel(errMade) }
			}, []error{context.Canceled, errMade}},
		}
		for name, c := range ended {
			ctx, end := c.ctx()
			g := Go(func() ([]string, error) { return r.LookupHost(ctx, "one.test.") })
			parked(t, &g.Greenlet)
			_, err := await(func() (bool, error) { end(); return true, nil })
			require.NoError(t, err)
			_, waited := g.Get()
			_, before := r.LookupHost(ctx, "one.test.")
			_, uncached := r.LookupTXT(ctx, "one.test.")
			for _, err := range []error{waited, before, uncached} {
				var e *net.DNSError
				require.ErrorAs(t, err, &e, name)
			}
			for _, target := range c.is {
				require.ErrorIs(t, waited, target, name)
				require.ErrorIs(t, before, target, name)
			}
			require.ErrorIs(t, uncached, context.Canceled, name)
		}
		open()
		_, err := other.Get()
		require.NoError(t, err)
		_, err = r.LookupHost(context.Background(), "one.test.")
		require.NoError(t, err)
		require.Equal(t, 1, n.count("A one.test."))
	})
}

func TestResolverContextDeadline(t *testing.T) {
	run(t, func() error {
		n := newNameServer()
		r := &Resolver{Net: n.net()}
		open := n.shut()
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_, err := r.LookupHost(ctx, "one.test.")
		var e *net.DNSError
		require.ErrorAs(t, err, &e)
		require.True(t, e.IsTimeout)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		open()
		return nil
	})
}

// The hub ends while look-ups run: these are told to end, too.
func TestResolverHubEnds(t *testing.T) {
	defer noGoroutines(t)
	n := newNameServer()
	n.shut()
	require.NoError(t, Run(func() error {
		GetHub().Resolver().Net = n.net()
		Spawn(func() error { _, err := Dial("tcp", "one.test.:80"); return err })
		Spawn(func() error { return valueless(GetHub().Resolver().LookupMX(context.Background(), "one.test.")) })
		n.until(t, "dialled", 3)
		return nil
	}))
}

// A Resolver in a global variable goes with the next hub, and takes nothing along that the clock of the last one dates.
func TestResolverOutlivesItsHub(t *testing.T) {
	n := newNameServer()
	r := &Resolver{Net: n.net(), TTL: time.Hour}
	for i := range 3 {
		virtual(t, func() error {
			require.NoError(t, Sleep(time.Duration(3-i)*time.Hour))
			for range 2 {
				_, err := lookUpOne(r)
				require.NoError(t, err)
				require.Equal(t, i+1, n.count("A one.test."))
			}
			return nil
		})
	}
	virtual(t, func() error {
		_, err := lookUpOne(r)
		require.NoError(t, err)
		text, err := await(func() (text any, _ error) {
			defer func() { text = recover() }()
			return nil, RunConfig(new(reports).config(), func() error { return valueless(lookUpOne(r)) })
		})
		require.NoError(t, err)
		require.Contains(t, fmt.Sprint(text), "Resolver.LookupNetIP of a primitive that belongs to another hub")
		return nil
	})
}

func TestKilledLookupPort(t *testing.T) {
	resolving(t, func(_ *nameServer, r *Resolver) {
		g := Spawn(func() error { return valueless(r.LookupPort(context.Background(), "tcp", "http")) })
		Yield()
		require.NoError(t, g.Kill())
		port, err := r.LookupPort(context.Background(), "udp", "domain")
		require.NoError(t, err)
		require.Equal(t, 53, port)
	})
}
