package gevent

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sysWritev writes the buffers, no more than maxBuffers and maxIO bytes. n is -1 if errno is not 0.
func sysWritev(fd int, buffers [][]byte) (n int, errno syscall.Errno) {
	var few [16]unix.Iovec
	vectors, total := few[:0], 0
	for _, b := range buffers {
		if len(b) == 0 {
			continue
		}
		b = b[:min(len(b), maxIO-total)]
		v := unix.Iovec{Base: &b[0]}
		v.SetLen(len(b))
		vectors = append(vectors, v)
		if total += len(b); total == maxIO {
			break
		}
	}
	if total == 0 {
		return 0, 0
	}
	var r uintptr
	if total < rawLimit { // see sysIO
		r, _, errno = syscall.RawSyscall(syscall.SYS_WRITEV, uintptr(fd),
			uintptr(unsafe.Pointer(&vectors[0])), uintptr(len(vectors)))
	} else {
		r, _, errno = syscall.Syscall(syscall.SYS_WRITEV, uintptr(fd),
			uintptr(unsafe.Pointer(&vectors[0])), uintptr(len(vectors)))
	}
	if errno != 0 {
		return -1, errno
	}
	return int(r), 0
}
