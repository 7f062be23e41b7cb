package gevent

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// The rows of the suite over look-ups of names, which wait at the gate of a name server.

func addLookup(name string, call func(ctx context.Context, r *Resolver) error) bool {
	return addRow("Resolver."+name, suiteRow{fresh: func(t *testing.T) interruptible {
		n := recordsOf()
		r := &Resolver{Net: n.net()}
		return interruptible{
			call:  func() error { return call(context.Background(), r) },
			admit: n.shut(),
			later: true, // the answer comes from a goroutine
			check: func(t *testing.T) { require.Empty(t, r.flights) },
		}
	}})
}

var (
	_ = addLookup("LookupHost", func(ctx context.Context, r *Resolver) error {
		return valueless(r.LookupHost(ctx, "one.test."))
	})
	_ = addLookup("LookupIPAddr", func(ctx context.Context, r *Resolver) error {
		return valueless(r.LookupIPAddr(ctx, "one.test."))
	})
	_ = addLookup("LookupNetIP", func(ctx context.Context, r *Resolver) error {
		return valueless(r.LookupNetIP(ctx, "ip4", "one.test."))
	})
	_ = addLookup("LookupCNAME", func(ctx context.Context, r *Resolver) error {
		return valueless(r.LookupCNAME(ctx, "one.test."))
	})
	_ = addLookup("LookupMX", func(ctx context.Context, r *Resolver) error {
		return valueless(r.LookupMX(ctx, "one.test."))
	})
	_ = addLookup("LookupTXT", func(ctx context.Context, r *Resolver) error {
		return valueless(r.LookupTXT(ctx, "one.test."))
	})
	_ = addLookup("LookupSRV", func(ctx context.Context, r *Resolver) error {
		_, _, err := r.LookupSRV(ctx, "imap", "tcp", "one.test.")
		return err
	})
	_ = addLookup("LookupAddr", func(ctx context.Context, r *Resolver) error {
		return valueless(r.LookupAddr(ctx, "192.0.2.1"))
	})
)
