package gevent

import (
	"context"
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
		n.until(t, "canceled", 1)
		c := ask()
		parked(t, &c.Greenlet)
		open()
		addrs, err := c.Get()
		require.NoError(t, err)
		require.Equal(t, addrOne, addrs)
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
		require.Zero(t, r.cache.order.Len())
	})
}
