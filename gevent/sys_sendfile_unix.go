//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// hasSendfile says whether the system can send a file.
const hasSendfile = runtime.GOOS != "netbsd" && runtime.GOOS != "openbsd"

// sysSendfile sends up to count bytes of a file from offset, without moving it. On some systems it may have sent
// something and say EAGAIN as well.
func sysSendfile(sysfd, filefd int, offset int64, count int) (int, syscall.Errno) {
	n, err := unix.Sendfile(sysfd, filefd, &offset, count)
	return max(n, 0), asErrno(err)
}

// cannotSend reports whether an error says that this file, or this kind of socket, is not for sendfile.
func cannotSend(errno syscall.Errno) bool {
	return slices.Contains([]syscall.Errno{
		unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP, unix.ENOTSUP, unix.ENOTSOCK, unix.EPERM,
	}, errno)
}
