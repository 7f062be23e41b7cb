//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const supported = true

// rightsSize is room for maxHandles descriptors and what stands before them, on all systems.
const rightsSize = 32 + 4*maxHandles

func sysClose(sysfd int) error { return unix.Close(sysfd) }

// sysLock takes the lock of an open file, until that is closed, unless somebody else has it.
func sysLock(f *os.File) (err error) {
	if e := control(f, func(sysfd int) { err = unix.Flock(sysfd, unix.LOCK_EX|unix.LOCK_NB) }); e != nil {
		return e
	}
	return err
}

// sysReadable asks whether a read would not block.
func sysReadable(sysfd int) bool {
	fds := []unix.PollFd{{Fd: int32(sysfd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return n > 0 && err == nil
}

// sysRead reads into b, which is not empty.
func sysRead(sysfd int, b []byte) (int, error) { return unix.Read(sysfd, b) }

// sysSend sends the two, which are not both empty, and descriptors with their first byte. It may send a part.
func sysSend(sysfd int, head, body, rights []byte) (int, error) {
	switch {
	case rights == nil && len(body) == 0:
		return sysWrite(sysfd, head[:min(len(head), maxOnce)])
	case rights == nil && len(head) == 0:
		return sysWrite(sysfd, body)
	}
	return unix.SendmsgBuffers(sysfd, [][]byte{head[:min(len(head), maxOnce)], body}, rights, nil, 0)
}

// rightsOf returns the files as what is sent along.
func rightsOf(files []*os.File) []byte {
	sysfds := make([]int, len(files))
	for i, f := range files {
		control(f, func(sysfd int) { sysfds[i] = sysfd })
	}
	return unix.UnixRights(sysfds...)
}

func control(f *os.File, use func(sysfd int)) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(sysfd uintptr) { use(int(sysfd)) })
}

// dupOf returns a second descriptor of f.
func dupOf(f *os.File) (dup *os.File, err error) {
	if e := control(f, func(sysfd int) { dup, err = dupFile(sysfd, f.Name()) }); e != nil {
		return nil, e
	}
	return dup, err
}

// dupFile returns a second descriptor of the same open file.
func dupFile(sysfd int, name string) (*os.File, error) {
	n, err := unix.FcntlInt(uintptr(sysfd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(n), name), nil
}

// parseRights returns the descriptors in what has come along.
func parseRights(b []byte) (sysfds []int) {
	messages, err := unix.ParseSocketControlMessage(b)
	if err != nil {
		return nil
	}
	for i := range messages {
		if some, err := unix.ParseUnixRights(&messages[i]); err == nil {
			sysfds = append(sysfds, some...)
		}
	}
	return sysfds
}

// newLifeline returns the two ends of a new socket pair: ours, which does not block, and that of a child.
func newLifeline() (ours int, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, nil, os.NewSyscallError("socketpair", err)
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	if err := unix.SetNonblock(fds[0], true); err != nil {
		_ = unix.Close(fds[0])
		_ = unix.Close(fds[1])
		return -1, nil, os.NewSyscallError("fcntl", err)
	}
	return fds[0], os.NewFile(uintptr(fds[1]), "lifeline"), nil
}

// takeInherited keeps a descriptor from our own children, and reports whether there is such a one.
func takeInherited(sysfd int) bool {
	_, err := unix.FcntlInt(uintptr(sysfd), unix.F_SETFD, unix.FD_CLOEXEC)
	return err == nil
}

func setNonblock(sysfd int) error { return unix.SetNonblock(sysfd, true) }

func terminate(p *os.Process) error { return p.Signal(unix.SIGTERM) }

// die ends this process at once.
func die() { _ = unix.Kill(os.Getpid(), unix.SIGKILL) }
