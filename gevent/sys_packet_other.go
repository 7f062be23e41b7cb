//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package gevent

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// As in sys_other.go, none of this is reached.

type sysName struct{}

func (*sysName) set(netip.AddrPort, bool, uint32)         {}
func (*sysName) addrPort() (netip.AddrPort, uint32)       { return netip.AddrPort{}, 0 }
func (*sysName) receive(int, []byte) (int, syscall.Errno) { return 0, syscall.ENOSYS }
func (*sysName) send(int, []byte) syscall.Errno           { return syscall.ENOSYS }
func sysSend(int, []byte) syscall.Errno                   { return syscall.ENOSYS }
func sysSendUnix(int, []byte, string) syscall.Errno       { return syscall.ENOSYS }
func packetNetwork(int) (string, error)                   { return "", errors.ErrUnsupported }
func isSix(int) bool                                      { return false }
func udpLocal(int) net.Addr                               { return nil }
func udpPeer(int) net.Addr                                { return nil }
func (*UDPConn) readBatch([]Message) (int, error)         { return 0, errors.ErrUnsupported }
func (c *UDPConn) writeBatch(ms []Message) (int, error) {
	return 0, c.failBatch(ms, errors.ErrUnsupported)
}
func bindUnixgram(*net.UnixAddr, func(int) error) (int, error) { return -1, errors.ErrUnsupported }

type batch struct{}

func sysReceiveUnix(int, []byte) (int, net.Addr, syscall.Errno) { return 0, nil, syscall.ENOSYS }

func bindUDP(string, *net.UDPAddr, func(int, string) error) (int, error) {
	return -1, errors.ErrUnsupported
}

func connectUDP(_, _ *net.UDPAddr, _ func(int) error) (int, error) {
	return -1, errors.ErrUnsupported
}

func connectUnixgram(*net.UnixAddr, string, func(int) error) (int, error) {
	return -1, errors.ErrUnsupported
}
