package ssl

import (
	"context"
	"crypto/tls"
	"net"

	"greenloop/gevent"
)

// Dial connects to a TCP address, as gevent.Dial does, and makes the handshake. A cfg without a ServerName takes the host of the
// address for it; a nil one is the zero tls.Config. Parks. Hub thread only.
func Dial(network, address string, cfg *tls.Config) (*Conn, error) {
	hub("Dial")
	t, err := gevent.Dial(network, address)
	if err != nil {
		return nil, err
	}
	ok := false
	defer func() { // also if we are killed meanwhile
		if !ok {
			_ = t.Close()
		}
	}()
	c := Client(t, named(cfg, address))
	if err := c.Handshake(); err != nil {
		return nil, err
	}
	ok = true
	return c, nil
}

// DialContext is Dial that also ends, with context.Cause(ctx), when ctx is done. Afterwards ctx means nothing to the connection.
// Parks. Hub thread only.
func DialContext(ctx context.Context, network, address string, cfg *tls.Config) (c *Conn, err error) {
	hub("DialContext")
	err = gevent.WithContext(ctx, func() (err error) {
		c, err = Dial(network, address, cfg)
		return err
	})
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return c, err
}

// named returns cfg with a name of the server that it must have a certificate for.
func named(cfg *tls.Config, address string) *tls.Config {
	if cfg == nil {
		cfg = new(tls.Config)
	}
	if cfg.ServerName != "" {
		return cfg
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	cfg = cfg.Clone()
	cfg.ServerName = host
	return cfg
}
