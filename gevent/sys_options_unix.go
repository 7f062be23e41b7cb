//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// tune sets what package net sets by default: small packets leave at once, and with keep, dead peers are found.
func tune(fd int, keep net.KeepAliveConfig) {
	// A socket whose peer has gone already may refuse; the first read will tell.
	_ = setNoDelay(fd, true)
	if keep.Enable {
		_ = setKeepAlive(fd, true)
		_ = setKeepAliveTimes(fd, keep)
	}
}

func setOption(fd, level, name, value int) error {
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, level, name, value))
}

func oneIf(on bool) int {
	if on {
		return 1
	}
	return 0
}

func setNoDelay(fd int, on bool) error {
	return setOption(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, oneIf(on))
}

func setKeepAlive(fd int, on bool) error {
	return setOption(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, oneIf(on))
}

// The times and the number of questions that 0 stands for, as in package net.
const (
	usualKeepAliveTime  = 15 * time.Second
	usualKeepAliveCount = 9
)

// setKeepAliveTimes sets Idle, Interval and Count; negative ones stay as they are.
func setKeepAliveTimes(fd int, c net.KeepAliveConfig) error {
	for _, o := range []struct{ name, value, usual int }{
		{keepAliveIdle, seconds(c.Idle), seconds(usualKeepAliveTime)},
		{keepAliveInterval, seconds(c.Interval), seconds(usualKeepAliveTime)},
		{keepAliveCount, c.Count, usualKeepAliveCount},
	} {
		switch {
		case o.value < 0, o.value == 0 && o.name == notThere:
			continue
		case o.name == notThere:
			return os.NewSyscallError("setsockopt", unix.ENOPROTOOPT)
		case o.value == 0:
			o.value = o.usual
		}
		if err := setOption(fd, unix.IPPROTO_TCP, o.name, o.value); err != nil {
			return err
		}
	}
	return nil
}

// notThere is an option that a system does not have.
const notThere = -1

// seconds rounds up, and keeps the sign.
func seconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int((d + time.Second - 1) / time.Second)
}

func setLinger(fd, sec int) error {
	l := unix.Linger{Onoff: 1, Linger: int32(sec)}
	if sec < 0 {
		l = unix.Linger{}
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &l))
}

func setReadBuffer(fd, bytes int) error { return setOption(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bytes) }

func setWriteBuffer(fd, bytes int) error {
	return setOption(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, bytes)
}

func setReusePort(fd int) error { return setOption(fd, unix.SOL_SOCKET, reusePort, 1) }
