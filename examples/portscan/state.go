package main

import (
	"errors"
	"os"
	"syscall"
)

// A state is what is known of a port.
type state string

const (
	open   state = "open"
	closed state = "closed" // the host refuses
	silent state = "silent" // no answer: something on the way drops what we send
	failed state = "failed" // not tried, such as for want of file descriptors
)

func stateOf(err error) state {
	switch {
	case err == nil:
		return open
	case errors.Is(err, syscall.ECONNREFUSED):
		return closed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return silent
	}
	return failed
}
