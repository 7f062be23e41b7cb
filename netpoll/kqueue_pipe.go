//go:build dragonfly || netbsd || openbsd

package netpoll

import "golang.org/x/sys/unix"

// No user events: a pipe carries the wake-up, as it does in Go's own runtime on these systems.
var systemFilters = [...]int{readFilter: unix.EVFILT_READ, writeFilter: unix.EVFILT_WRITE}

var wakePipeOpener = openWakePipe
