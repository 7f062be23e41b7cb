//go:build unix && !linux

package main

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// peakMemory returns the most bytes that this process had resident at once.
func peakMemory() (int64, error) {
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &ru); err != nil {
		return 0, fmt.Errorf("getrusage: %w", err)
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(ru.Maxrss), nil
	}
	return int64(ru.Maxrss) << 10, nil // in KiB everywhere else
}
