//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import "syscall"

// sysWritev writes the first of the buffers that is not empty: these systems have writev, and package unix has it for some
// of them only. n is -1 if errno is not 0.
func sysWritev(fd int, buffers [][]byte) (n int, errno syscall.Errno) {
	for _, b := range buffers {
		if len(b) > 0 {
			return sysWrite(fd, b[:min(len(b), maxIO)])
		}
	}
	return 0, 0
}
