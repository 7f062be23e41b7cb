package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// peakMemory returns the most bytes that this process had resident at once. It is not getrusage's figure, which a process
// on Linux begins with that of the one which has started it.
func peakMemory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(status) {
		var kib int64
		if _, err := fmt.Sscanf(string(line), "VmHWM: %d kB", &kib); err == nil {
			return kib << 10, nil
		}
	}
	return 0, errors.New("no VmHWM in /proc/self/status")
}
