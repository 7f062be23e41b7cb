package multiprocessing

import (
	"bytes"
	"os"
	"strconv"
)

// beginOf returns when a process began, in ticks since the machine did, 0 if that is not told, and whether the process
// is there. One that has ended and is not reaped yet is not; but it is while any of its threads is left, for that may
// change memory still, or be within a system call, when the first thread has ended.
func beginOf(pid int) (began uint32, there bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil { // it is gone, or this cannot be told here, as without that file system
		return 0, processThere(pid)
	}
	// The name, in parentheses, may have anything in it; behind it the state is the first field, the number of threads
	// the 18th, the begin the 20th.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return 0, false
	}
	ticks, _ := strconv.ParseUint(string(fields[19]), 10, 64)
	state := fields[0][0]
	ended := (state == 'Z' || state == 'X') && len(fields[17]) == 1 && fields[17][0] <= '1'
	return max(uint32(ticks), 1), !ended
}
