package gevent

import (
	"context"
	"errors"
	"net"
	"time"
)

// Dial connects to an address, as net.Dial does. The network is "tcp", "tcp4" or "tcp6", and the connection a *TCPConn, or
// "unix" or "unixpacket", and it is a *UnixConn. More is told at Dialer.DialContext. Parks. Hub thread only.
func Dial(network, address string) (net.Conn, error) {
	return new(Dialer).dial(context.Background(), current("Dial"), network, address, Never)
}

// DialTimeout is Dial that fails with os.ErrDeadlineExceeded after the duration d, the look-up of the name included. Parks.
// Hub thread only.
func DialTimeout(network, address string, d time.Duration) (net.Conn, error) {
	h := current("DialTimeout")
	return new(Dialer).dial(context.Background(), h, network, address, h.sched.After(d))
}

var errMissingAddress = errors.New("missing address")

func (d *Dialer) dialTCP(a *asker, network, address string) (net.Conn, error) {
	if address == "" {
		return nil, errMissingAddress
	}
	addrs, err := d.resolver(a.hub).resolveTCP(a, network, address)
	if err != nil {
		return nil, err
	}
	r := &race{asker: a, dialer: d, network: network}
	if d.LocalAddr != nil {
		if addrs, err = r.from(d.LocalAddr, addrs); err != nil {
			return nil, err
		}
	}
	for i, addr := range addrs {
		addrs[i] = thisHost(network, addr)
	}
	r.addrs = interleaved(addrs)
	c, err := r.run()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// thisHost returns the loopback address for the unspecified one, as package net dials it.
func thisHost(network string, a *net.TCPAddr) *net.TCPAddr {
	switch {
	case len(a.IP) > 0 && !a.IP.IsUnspecified():
		return a
	case network == "tcp6":
		return &net.TCPAddr{IP: net.IPv6loopback, Port: a.Port}
	default:
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: a.Port}
	}
}
