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
