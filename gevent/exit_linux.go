package gevent

import (
	"os"

	"golang.org/x/sys/unix"
)

// openPidfd returns a descriptor of the process that becomes readable when the process has ended. Kernels before 5.4,
// and sandboxes that forbid the call, have none.
func openPidfd(p *os.Process) (sysfd int, ok bool) {
	err := p.WithHandle(func(handle uintptr) {
		n, err := dupFd(int(handle))
		sysfd, ok = n, err == nil
	})
	return sysfd, ok && err == nil
}

// pidfdExited reports whether the process has ended, so that reaping it will not block, or cannot be waited for at all.
// It does not reap it.
func pidfdExited(sysfd int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PIDFD, sysfd, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == nil && info.Signo != 0 || err != nil && err != unix.EINTR
}
