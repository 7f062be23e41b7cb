package gevent

import "golang.org/x/sys/unix"

const (
	keepAliveIdle     = unix.TCP_KEEPIDLE
	keepAliveInterval = unix.TCP_KEEPINTVL
	keepAliveCount    = unix.TCP_KEEPCNT
	reusePort         = unix.SO_REUSEPORT
)

// inheritsOptions says that a connection has the TCP options of its listener, so that they need not be set on each: five
// system calls less.
const inheritsOptions = true
