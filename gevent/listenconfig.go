package gevent

import (
	"net"
	"syscall"
	"time"
)

// A ListenConfig says how to listen. The zero value is what Listen uses.
type ListenConfig struct {
	// ReusePort lets several listeners, also of several hubs or processes, listen on the same TCP address, if each of
	// them asks for it and they belong to the same user. Linux and FreeBSD spread the connections over them; other
	// systems may give all to one.
	ReusePort bool

	// Backlog is how many connections may wait to be accepted. Each system has a limit of its own, to which a larger one
	// is cut (Linux: /proc/sys/net/core/somaxconn). 0 asks for that limit.
	Backlog int

	// KeepAlive is how long a TCP connection is silent before its peer is asked whether it is still there; 0 is 15 seconds,
	// as is the pause between two questions. A negative one turns that off. It does not count if KeepAliveConfig is enabled.
	KeepAlive time.Duration

	// KeepAliveConfig says it in detail, as that of net.ListenConfig.
	KeepAliveConfig net.KeepAliveConfig

	// Control, unless nil, is called with each new socket before it is bound, for further options. network is "tcp4" or
	// "tcp6" then, or the one that was asked for. What it sets counts more than what the other fields ask for. Its error
	// is that of Listen. It must not wait.
	Control func(network, address string, c syscall.RawConn) error
}

// Listen is Listen with this configuration. Parks only to look up a host name. Hub thread only.
func (c *ListenConfig) Listen(network, address string) (net.Listener, error) {
	return c.listen(current("ListenConfig.Listen"), network, address)
}

// keepAlive returns what two fields of a ListenConfig or a Dialer ask for, with package net's defaults.
func keepAlive(d time.Duration, c net.KeepAliveConfig) net.KeepAliveConfig {
	if !c.Enable && d >= 0 {
		return net.KeepAliveConfig{Enable: true, Idle: d}
	}
	return c
}

// usualKeepAlive is what a TCP connection has if nothing else was asked for.
var usualKeepAlive = net.KeepAliveConfig{Enable: true}
