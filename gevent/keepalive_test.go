//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The options of a socket are those that package net gives one of its own.
func TestDialerKeepAlive(t *testing.T) {
	dialling(t, func(l *TCPListener, _ string) {
		probes := func(sysfd int) (set [4]int) {
			set[0], _ = unix.GetsockoptInt(sysfd, unix.SOL_SOCKET, unix.SO_KEEPALIVE)
			for i, option := range []int{keepAliveIdle, keepAliveInterval, keepAliveCount} {
				if set[0] != 0 && option != notThere {
					set[i+1], _ = unix.GetsockoptInt(sysfd, unix.IPPROTO_TCP, option)
				}
			}
			return set
		}
		for _, d := range []net.Dialer{
			{},
			{KeepAlive: -1},
			{KeepAlive: time.Minute},
			{KeepAlive: 1500 * time.Millisecond},
			{KeepAlive: -1, KeepAliveConfig: net.KeepAliveConfig{Enable: true}},
			{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Hour, Interval: time.Minute, Count: 3}},
			{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: -1, Interval: -1, Count: -1}},
		} {
			std, err := d.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			raw, err := std.(*net.TCPConn).SyscallConn()
			require.NoError(t, err)
			var want [4]int
			require.NoError(t, raw.Control(func(fd uintptr) { want = probes(int(fd)) }))
			c, err := (&Dialer{KeepAlive: d.KeepAlive, KeepAliveConfig: d.KeepAliveConfig}).Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			require.Equal(t, want, probes(int(c.(*TCPConn).fd.sysfd)))
			closeAll(t, std, c)
		}
	})
}
