package multiprocessing

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// beNice adds n to the nice value of this process.
func beNice(n int) error {
	now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		return os.NewSyscallError("getpriority", err)
	}
	want := 20 - now + n // the system call returns 20 minus the nice value
	return ofAllThreads("setpriority", func(id int) error { return unix.Setpriority(unix.PRIO_PROCESS, id, want) })
}

// beInTheBackground has this process run when nobody else wants to.
func beInTheBackground() error {
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}
	return ofAllThreads("sched_setattr", func(id int) error { return unix.SchedSetAttr(id, &attr, 0) })
}

// ofAllThreads does what on Linux is done to each thread, and which new threads take over from those that make them:
// the second round finds threads that were made during the first.
func ofAllThreads(call string, do func(id int) error) error {
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
			if err := do(id); err != nil && err != unix.ESRCH { // it has ended meanwhile
				return os.NewSyscallError(call, err)
			}
		}
	}
	return nil
}
