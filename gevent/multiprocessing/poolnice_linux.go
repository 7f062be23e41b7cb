package multiprocessing

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// beNice adds n to the nice value of this process. On Linux that is one of each thread, which new threads take over from
// those that make them; the second round finds threads that were made during the first.
func beNice(n int) error {
	now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		return os.NewSyscallError("getpriority", err)
	}
	want := 20 - now + n // the system call returns 20 minus the nice value
	for range 2 {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, t := range threads {
			id, err := strconv.Atoi(t.Name())
			if err != nil {
				continue
			}
			if err := unix.Setpriority(unix.PRIO_PROCESS, id, want); err != nil && err != unix.ESRCH { // it has ended meanwhile
				return os.NewSyscallError("setpriority", err)
			}
		}
	}
	return nil
}
