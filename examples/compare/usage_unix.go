//go:build unix

package main

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

func usageNow() (usage, error) {
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &ru); err != nil {
		return usage{}, fmt.Errorf("getrusage: %w", err)
	}
	return usage{
		cpu:      time.Duration(ru.Utime.Nano() + ru.Stime.Nano()).Seconds(),
		switches: int64(ru.Nvcsw) + int64(ru.Nivcsw),
	}, nil
}
