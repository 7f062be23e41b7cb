//go:build !unix

package usage

import "errors"

// Self fails: there is no getrusage.
func Self() (CPU, error) {
	return CPU{}, errors.New("usage: a process's CPU time is read on Unix only")
}
