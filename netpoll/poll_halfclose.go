//go:build linux || freebsd

package netpoll

import "golang.org/x/sys/unix"

const pollHalfClosed = unix.POLLRDHUP
