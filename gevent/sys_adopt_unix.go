//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// streamNetwork returns the network of a stream socket: "tcp", "unix" or "unixpacket".
func streamNetwork(fd int) (string, error) {
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return "", os.NewSyscallError("getsockopt", err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return "", os.NewSyscallError("getsockname", err)
	}
	switch _, local := sa.(*unix.SockaddrUnix); {
	case kind == unix.SOCK_STREAM && local:
		return "unix", nil
	case kind == unix.SOCK_SEQPACKET && local:
		return "unixpacket", nil
	case kind == unix.SOCK_STREAM && tcpAddr(sa) != nil:
		return "tcp", nil
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
