package gevent

import "golang.org/x/sys/unix"

const (
	keepAliveIdle     = unix.TCP_KEEPALIVE
	keepAliveInterval = unix.TCP_KEEPINTVL
	keepAliveCount    = unix.TCP_KEEPCNT
	reusePort         = unix.SO_REUSEPORT
)
