//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// sysPipe returns the ends of a pipe, both blocking. Not every system has pipe2; the lock keeps a fork elsewhere from
// inheriting an end before it is marked.
func sysPipe() (r, w int, err error) {
	var ends [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := unix.Pipe(ends[:]); err != nil {
		return -1, -1, os.NewSyscallError("pipe", err)
	}
	unix.CloseOnExec(ends[0])
	unix.CloseOnExec(ends[1])
	return ends[0], ends[1], nil
}

func setNonblock(fd int) error { return os.NewSyscallError("fcntl", unix.SetNonblock(fd, true)) }

// sysReady asks whether an operation would not block: because it would succeed, or because it would fail.
func sysReady(fd int, m mode) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if m == writable {
		fds[0].Events = unix.POLLOUT
	}
	n, err := unix.Poll(fds, 0)
	return n > 0 && err == nil
}

// sysReadShared reads what may block after all, for which Go's scheduler has to be told. n is -1 if errno is not 0.
func sysReadShared(fd int, b []byte) (n int, errno syscall.Errno) {
	n, err := syscall.Read(fd, b)
	return n, asErrno(err)
}

// sysWriteShared is sysReadShared for writing.
func sysWriteShared(fd int, b []byte) (n int, errno syscall.Errno) {
	n, err := syscall.Write(fd, b)
	return n, asErrno(err)
}

func asErrno(err error) (errno syscall.Errno) {
	if err != nil && !errors.As(err, &errno) {
		return syscall.EIO
	}
	return errno
}
