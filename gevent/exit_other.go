//go:build !linux

package gevent

import "os"

// Without a descriptor of the process a goroutine waits for its end. (kqueue's EVFILT_PROC tells as well, but watches no
// descriptor, which is what package netpoll is for.)

func openPidfd(*os.Process) (sysfd int, ok bool) { return -1, false }
func pidfdExited(int) bool                       { return false }
