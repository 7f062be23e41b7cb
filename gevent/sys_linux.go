package gevent

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A non-blocking read or write of ordinary size is over before the runtime would want the processor back, so it goes to the
// kernel directly: telling the runtime about it costs more than all else that happens to a message here (4.73
// against 3.85 µs a request, measured in a prototype). A copy of this size or more could hold up a garbage collection.
const rawLimit = 64 << 10

// sysRead reads into b, which must not be empty. n is -1 if errno is not 0. A socket is asked with recv, and given to with
// send: read and write have more to find out before they come to it.
func sysRead(fd int, socket bool, b []byte) (n int, errno syscall.Errno) {
	if socket {
		return sysIO(unix.SYS_RECVFROM, fd, b)
	}
	return sysIO(syscall.SYS_READ, fd, b)
}

// sysWrite writes b, which must not be empty. n is -1 if errno is not 0.
func sysWrite(fd int, socket bool, b []byte) (n int, errno syscall.Errno) {
	if socket {
		return sysIO(unix.SYS_SENDTO, fd, b)
	}
	return sysIO(syscall.SYS_WRITE, fd, b)
}

// sysIO makes a call that has, or may have, flags and an address behind its first three arguments: there are none.
func sysIO(call uintptr, fd int, b []byte) (n int, errno syscall.Errno) {
	var r uintptr
	if len(b) < rawLimit {
		r, _, errno = syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0)
	} else {
		r, _, errno = syscall.Syscall6(call, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0)
	}
	if errno != 0 {
		return -1, errno
	}
	return int(r), 0
}

func sysAccept(fd int) (int, unix.Sockaddr, error) {
	return unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
}

func sysSocket(family, kind, protocol int) (int, error) {
	return unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
}

// sysSocketPair returns two Unix stream sockets that are connected to each other.
func sysSocketPair() (int, int, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	return fds[0], fds[1], os.NewSyscallError("socketpair", err)
}
