//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"

	"golang.org/x/sys/unix"
)

// beNice adds n to the nice value of this process.
func beNice(n int) error {
	now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		return os.NewSyscallError("getpriority", err)
	}
	return os.NewSyscallError("setpriority", unix.Setpriority(unix.PRIO_PROCESS, 0, now+n))
}

// beInTheBackground has this process go behind all others, as far as that can be had.
func beInTheBackground() error {
	return os.NewSyscallError("setpriority", unix.Setpriority(unix.PRIO_PROCESS, 0, 20))
}
