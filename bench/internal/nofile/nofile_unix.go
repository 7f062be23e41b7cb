//go:build unix

// Package nofile makes sure that a process may open as many files as a run needs.
package nofile

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// slack is what a process opens beside its connections: standard streams, the poller, the listener …
const slack = 64

// Need raises the soft limit on open files to the hard one, and fails if that is
// not enough for so many connections.
func Need(conns int) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("nofile: read the limit on open files: %w", err)
	}
	if uint64(conns)+slack > uint64(limit.Max) {
		return fmt.Errorf("nofile: %d connections need more than the %d open files allowed; raise the hard limit (ulimit -Hn)", conns, limit.Max)
	}
	limit.Cur = limit.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("nofile: raise the limit on open files: %w", err)
	}
	return nil
}
