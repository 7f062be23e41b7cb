package usage

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
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

// ProcessUser returns about how much of another process's time was in user mode, in steps of 10 ms.
func ProcessUser(pid int) (time.Duration, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, fmt.Errorf("usage: %w", err)
	}
	return parseUser(stat)
}

// parseUser reads the field utime of "pid (name) state ppid …". The name may have spaces and brackets in it.
func parseUser(stat []byte) (time.Duration, error) {
	const utime = 14 - 3 // proc(5) counts from 1, and two fields are before the state
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= utime {
		return 0, fmt.Errorf("usage: /proc/PID/stat is too short: %q", stat)
	}
	ticks, err := strconv.ParseInt(string(fields[utime]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("usage: /proc/PID/stat: %w", err)
	}
	return time.Duration(ticks) * tick, nil
}
