//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// An envelope is needed on Linux alone.
type envelope struct{}

// sysReceive reads into room, which is a part of the block and not empty, and takes the descriptors that come along.
// lost says that some could not be opened. The lock keeps a fork elsewhere from inheriting them before they are marked.
func sysReceive(sysfd int, b *block, room []byte) (n int, sysfds []int, lost bool, err error) {
	_ = b.envelope
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	n, along, flags, _, err := unix.Recvmsg(sysfd, room, b.rights[:], 0)
	if along > 0 {
		sysfds = parseRights(b.rights[:along])
	}
	for _, fd := range sysfds {
		unix.CloseOnExec(fd)
	}
	return n, sysfds, flags&unix.MSG_CTRUNC != 0, err
}

// sysWrite sends b, which is not empty.
func sysWrite(sysfd int, b []byte) (int, error) { return unix.Write(sysfd, b) }
