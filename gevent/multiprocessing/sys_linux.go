package multiprocessing

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawLimit bounds what is given to the kernel without telling Go's scheduler: a copy of this size could hold up a
// garbage collection.
const rawLimit = 64 << 10

// An envelope is what the system wants around a block. As a part of that, it need not be made for each call.
type envelope struct {
	header unix.Msghdr
	part   unix.Iovec
}

// sysReceive reads into room, which is a part of the block and not empty, and takes the descriptors that come along.
// lost says that some could not be opened.
func sysReceive(sysfd int, b *block, room []byte) (n int, sysfds []int, lost bool, err error) {
	e := &b.envelope
	e.part.Base = &room[0]
	e.part.SetLen(len(room))
	e.header = unix.Msghdr{Iov: &e.part, Control: &b.rights[0]}
	e.header.SetIovlen(1)
	e.header.SetControllen(len(b.rights))
	r, _, errno := syscall.RawSyscall(unix.SYS_RECVMSG,
		uintptr(sysfd), uintptr(unsafe.Pointer(&e.header)), unix.MSG_CMSG_CLOEXEC)
	if errno != 0 {
		return 0, nil, false, errno
	}
	if e.header.Controllen > 0 {
		sysfds = parseRights(b.rights[:e.header.Controllen])
	}
	return int(r), sysfds, e.header.Flags&unix.MSG_CTRUNC != 0, nil
}

// sysWrite sends b, which is not empty.
func sysWrite(sysfd int, b []byte) (int, error) {
	if len(b) >= rawLimit {
		return unix.Write(sysfd, b)
	}
	r, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO,
		uintptr(sysfd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}
