//go:build unix

package usage

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Self returns the time used by all threads of this process.
func Self() (CPU, error) {
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &ru); err != nil {
		return CPU{}, fmt.Errorf("usage: getrusage: %w", err)
	}
	return CPU{User: time.Duration(ru.Utime.Nano()), System: time.Duration(ru.Stime.Nano())}, nil
}
