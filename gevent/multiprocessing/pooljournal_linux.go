package multiprocessing

import (
	"os"

	"golang.org/x/sys/unix"
)

// namelessFile returns an empty file in memory.
func namelessFile(what string) (*os.File, error) {
	sysfd, err := unix.MemfdCreate(what, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(sysfd), what), nil
}
