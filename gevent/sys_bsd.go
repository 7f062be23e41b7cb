//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// sysRead reads into b. n is -1 if errno is not 0.
func sysRead(fd int, _ bool, b []byte) (n int, errno syscall.Errno) {
	n, err := syscall.Read(fd, b)
	return n, errnoOf(err)
}

// sysWrite writes b. n is -1 if errno is not 0.
func sysWrite(fd int, _ bool, b []byte) (n int, errno syscall.Errno) {
	n, err := syscall.Write(fd, b)
	return n, errnoOf(err)
}

func errnoOf(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	if errno, ok := err.(syscall.Errno); ok {
		return errno
	}
	return syscall.EIO
}

// sysAccept accepts, under the lock that keeps a fork from inheriting the descriptor before it is marked: not all of
// these systems have accept4.
func sysAccept(fd int) (int, unix.Sockaddr, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	nfd, sa, err := unix.Accept(fd)
	if err != nil {
		return -1, nil, err
	}
	return nonblocking(nfd, sa)
}

func sysSocket(family, kind, protocol int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(family, kind, protocol)
	if err != nil {
		return -1, err
	}
	fd, _, err = nonblocking(fd, nil)
	return fd, err
}

func nonblocking(fd int, sa unix.Sockaddr) (int, unix.Sockaddr, error) {
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = closeFd(fd)
		return -1, nil, err
	}
	return fd, sa, nil
}

// sysSocketPair returns two Unix stream sockets that are connected to each other.
func sysSocketPair() (int, int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, -1, os.NewSyscallError("socketpair", err)
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
		err = errors.Join(err, unix.SetNonblock(fd, true))
	}
	if err != nil {
		_ = closeFd(fds[0])
		_ = closeFd(fds[1])
		return -1, -1, os.NewSyscallError("fcntl", err)
	}
	return fds[0], fds[1], nil
}

// inheritsOptions says that a connection has the TCP options of its listener. What these systems pass on differs: here
// they are set on each.
const inheritsOptions = false
