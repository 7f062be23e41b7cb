package multiprocessing

import (
	"os"

	"golang.org/x/sys/unix"
)

// openPidfd returns a descriptor of the process that becomes readable when it has ended. Old kernels and some sandboxes
// have none.
func openPidfd(p *os.Process) (sysfd int, ok bool) {
	err := p.WithHandle(func(handle uintptr) {
		n, err := unix.FcntlInt(handle, unix.F_DUPFD_CLOEXEC, 0)
		sysfd, ok = n, err == nil
	})
	return sysfd, ok && err == nil
}

// pidfdExited reports whether the process has ended, so that reaping it will not block, or cannot be waited for at all.
func pidfdExited(sysfd int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PIDFD, sysfd, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == nil && info.Signo != 0 || err != nil && err != unix.EINTR
}
