//go:build darwin || freebsd

package netpoll

import "golang.org/x/sys/unix"

var systemFilters = [...]int{readFilter: unix.EVFILT_READ, writeFilter: unix.EVFILT_WRITE, userFilter: unix.EVFILT_USER}

var wakePipeOpener func() (waker, error) // nil: user events carry the wake-up

var _ = [1]struct{}{}[noteTrigger-unix.NOTE_TRIGGER]
