//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package gevent

import (
	"errors"
	"syscall"
)

// On these systems a hub has no poller, so that Pipe and NewStream fail with errors.ErrUnsupported before any of this is
// reached.

func sysPipe() (r, w int, err error)                  { return -1, -1, errors.ErrUnsupported }
func setNonblock(int) error                           { return errors.ErrUnsupported }
func sysReady(int, mode) bool                         { return false }
func sysReadShared(int, []byte) (int, syscall.Errno)  { return -1, syscall.ENOSYS }
func sysWriteShared(int, []byte) (int, syscall.Errno) { return -1, syscall.ENOSYS }
