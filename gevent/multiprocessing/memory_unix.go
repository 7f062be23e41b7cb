//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"

	"golang.org/x/sys/unix"
)

func sized(f *os.File, size int64) (*os.File, error) {
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// mapMemory maps a file of that size, and reserves room for what it may grow to: that much, or less if there is no such
// room.
func mapMemory(f *os.File, size, reserve int) (b []byte, err error) {
	for room := max(size, reserve); ; room = max(size, room/16) {
		if e := control(f, func(sysfd int) {
			b, err = unix.Mmap(sysfd, 0, room, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		}); e != nil {
			return nil, e
		}
		if err == nil || room == size {
			return b, os.NewSyscallError("mmap", err)
		}
	}
}

func unmapMemory(b []byte) { _ = unix.Munmap(b) } // it was mapped so

// processThere reports whether there is a process of that number, be it one that has ended and is not reaped.
func processThere(pid int) bool { return unix.Kill(pid, 0) != unix.ESRCH }
