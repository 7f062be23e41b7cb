//go:build linux || dragonfly || freebsd || netbsd

package gevent

import "golang.org/x/sys/unix"

const (
	keepIdle     = unix.TCP_KEEPIDLE
	keepInterval = unix.TCP_KEEPINTVL
	keepCount    = unix.TCP_KEEPCNT
)
