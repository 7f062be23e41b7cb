//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package gevent

import (
	"errors"
	"net"
	"syscall"
)

// On these systems a hub has no poller, so that Listen and Dial fail with errors.ErrUnsupported before any of this is
// reached.

func connect(_, _ *net.TCPAddr, _ func(fd int) error) (fd int, started bool, err error) {
	return -1, false, errors.ErrUnsupported
}

func sysRead(int, []byte) (int, syscall.Errno)   { return -1, syscall.ENOSYS }
func sysWrite(int, []byte) (int, syscall.Errno)  { return -1, syscall.ENOSYS }
func sysAccept(int) (int, net.Addr, error)       { return -1, nil, errors.ErrUnsupported }
func closeFd(int) error                          { return errors.ErrUnsupported }
func dupFd(int) (int, error)                     { return -1, errors.ErrUnsupported }
func setKeepAlive(int, net.KeepAliveConfig)      {}
func connected(int) error                        { return errors.ErrUnsupported }
func tune(int)                                   {}
func setNoDelay(int, bool) error                 { return errors.ErrUnsupported }
func shutdownRead(int) error                     { return errors.ErrUnsupported }
func shutdownWrite(int) error                    { return errors.ErrUnsupported }
func localAddr(int) net.Addr                     { return nil }
func tcpAddr(a net.Addr) net.Addr                { return a }
func isGone(error) bool                          { return false }
func isExhausted(error) bool                     { return false }
func isAgain(error) bool                         { return false }
func listenOn(string, *net.TCPAddr) (int, error) { return -1, errors.ErrUnsupported }
