package usage

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Process returns the CPU time used so far by all threads of another process,
// without that process having to run for it: what an idle server is measured with.
func Process(pid int) (time.Duration, error) {
	// The clock id of a process, as clock_getcpuclockid(3) makes it.
	const schedClock = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &ts); err != nil {
		return 0, fmt.Errorf("usage: CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}
