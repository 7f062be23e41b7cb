package multiprocessing

import (
	"os"

	"golang.org/x/sys/unix"
)

// newMemory returns a file of that length which has no name, and is gone with the last who has it.
func newMemory(size int64) (*os.File, error) {
	sysfd, err := unix.MemfdCreate("greenloop", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return sized(os.NewFile(uintptr(sysfd), "shared memory"), size)
}

func yieldThread() { _, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
