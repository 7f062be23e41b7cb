package gevent

import "golang.org/x/sys/unix"

const (
	keepAliveIdle     = notThere // the system has one setting for all
	keepAliveInterval = notThere
	keepAliveCount    = notThere
	reusePort         = unix.SO_REUSEPORT
)
