//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// socketNetwork returns the network of a socket: "tcp", "udp", "unix", "unixpacket" or "unixgram".
func socketNetwork(fd int) (string, error) {
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return "", os.NewSyscallError("getsockopt", err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return "", os.NewSyscallError("getsockname", err)
	}
	var networks map[int]string
	switch sa.(type) {
	case *unix.SockaddrInet4, *unix.SockaddrInet6:
		networks = map[int]string{unix.SOCK_STREAM: "tcp", unix.SOCK_DGRAM: "udp"}
	case *unix.SockaddrUnix:
		networks = map[int]string{unix.SOCK_STREAM: "unix", unix.SOCK_SEQPACKET: "unixpacket", unix.SOCK_DGRAM: "unixgram"}
	}
	if network, ok := networks[kind]; ok {
		return network, nil
	}
	return "", unix.EPROTONOSUPPORT
}

// mustListen returns EINVAL for a socket on which nobody listens. Where the system cannot tell, Accept does.
func mustListen(fd int) error {
	if on, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && on == 0 {
		return os.NewSyscallError("accept", unix.EINVAL)
	}
	return nil
}

// peerName returns the address of the other end of a stream socket of the network, nil if there is none.
func peerName(fd int, network string) net.Addr {
	sa, err := unix.Getpeername(fd)
	if err != nil {
		return nil
	}
	return streamAddr(sa, network)
}
