//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package gevent

import (
	"errors"
	"net"
	"syscall"
)

// On these systems a hub has no poller, so that Listen and Dial fail with errors.ErrUnsupported before any of this is
// reached.

type sysAddr = net.Addr

const (
	maxBacklog      = 0
	inheritsOptions = false
)

func sysRead(int, []byte) (int, syscall.Errno)               { return -1, syscall.ENOSYS }
func sysWrite(int, []byte) (int, syscall.Errno)              { return -1, syscall.ENOSYS }
func sysWritev(int, [][]byte) (int, syscall.Errno)           { return -1, syscall.ENOSYS }
func sysAccept(int) (int, sysAddr, error)                    { return -1, nil, errors.ErrUnsupported }
func sysSocketPair() (int, int, error)                       { return -1, -1, errors.ErrUnsupported }
func closeFd(int) error                                      { return errors.ErrUnsupported }
func dupFd(int) (int, error)                                 { return -1, errors.ErrUnsupported }
func connect(*net.TCPAddr) (fd int, started bool, err error) { return -1, false, errors.ErrUnsupported }
func connected(int) error                                    { return errors.ErrUnsupported }
func tune(int, net.KeepAliveConfig)                          {}
func setNoDelay(int, bool) error                             { return errors.ErrUnsupported }
func setLinger(int, int) error                               { return errors.ErrUnsupported }
func setKeepAlive(int, bool) error                           { return errors.ErrUnsupported }
func setKeepAliveTimes(int, net.KeepAliveConfig) error       { return errors.ErrUnsupported }
func setReadBuffer(int, int) error                           { return errors.ErrUnsupported }
func setWriteBuffer(int, int) error                          { return errors.ErrUnsupported }
func setReusePort(int) error                                 { return errors.ErrUnsupported }
func shutdownRead(int) error                                 { return errors.ErrUnsupported }
func shutdownWrite(int) error                                { return errors.ErrUnsupported }
func sockName(int, string) net.Addr                          { return nil }
func localAddr(int) net.Addr                                 { return nil }
func streamAddr(a sysAddr, _ string) net.Addr                { return a }
func tcpAddr(a sysAddr) net.Addr                             { return a }
func removeSocket(string)                                    {}
func isGone(error) bool                                      { return false }
func isExhausted(error) bool                                 { return false }
func isAgain(error) bool                                     { return false }

func listenOn(string, *net.TCPAddr, int, func(int, string) error) (int, error) {
	return -1, errors.ErrUnsupported
}

func listenUnixOn(*net.UnixAddr, int, func(int) error) (int, error) {
	return -1, errors.ErrUnsupported
}

func connectUnix(_, _ *net.UnixAddr, _ func(int) error) (int, error) {
	return -1, errors.ErrUnsupported
}

const hasSendfile = false

func sysSendfile(int, int, int64, int) (int, syscall.Errno) { return -1, syscall.ENOSYS }
func cannotSend(syscall.Errno) bool                         { return true }

func streamNetwork(int) (string, error) { return "", errors.ErrUnsupported }
func mustListen(int) error              { return errors.ErrUnsupported }
func peerName(int, string) net.Addr     { return nil }
