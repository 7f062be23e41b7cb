//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// setKeepAlive says how dead peers are found, with package net's defaults. What the system does not have stays as it is, and
// a socket whose peer has gone already may refuse: the first read will tell.
func setKeepAlive(fd int, c net.KeepAliveConfig) {
	if !c.Enable {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0)
		return
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	setProbes(fd, keepIdle, keepSeconds(c.Idle), 15)
	setProbes(fd, keepInterval, keepSeconds(c.Interval), 15)
	setProbes(fd, keepCount, c.Count, 9)
}

// setProbes sets an option to a value, or to the one that stands for 0; a negative one leaves it. An option of 0 is none.
func setProbes(fd, option, value, zero int) {
	if value == 0 {
		value = zero
	}
	if option != 0 && value > 0 {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, option, value)
	}
}

// keepSeconds returns d in seconds, rounded up.
func keepSeconds(d time.Duration) int {
	if d <= 0 {
		return int(max(d, -1))
	}
	return int((d-1)/time.Second) + 1
}
