//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// bindUDP returns a UDP socket on a. prepare is called with each that it tries, before it is bound, and with the network
// that this is for. Nothing of it waits.
func bindUDP(network string, a *net.UDPAddr, prepare func(fd int, network string) error) (fd int, err error) {
	try := func(network string, sa sysAddr, only6 bool) (int, error) {
		return newSocketWith(familyOf(sa), unix.SOCK_DGRAM, func(fd int) error {
			if err := setOnly6(fd, network, only6); err != nil {
				return err
			}
			if err := allowBroadcast(fd); err != nil {
				return err
			}
			if err := prepare(fd, network); err != nil {
				return err
			}
			return os.NewSyscallError("bind", unix.Bind(fd, sa))
		})
	}
	return bindFirst(network, (*net.TCPAddr)(a), try)
}

// connectUDP returns a UDP socket that is connected to remote.
func connectUDP(remote, local *net.UDPAddr, prepare func(fd int) error) (int, error) {
	family, to, err := sockaddr((*net.TCPAddr)(remote))
	if err != nil {
		return -1, err
	}
	return newSocketWith(family, unix.SOCK_DGRAM, func(fd int) error {
		if err := allowBroadcast(fd); err != nil {
			return err
		}
		if prepare != nil {
			if err := prepare(fd); err != nil {
				return err
			}
		}
		if local != nil {
			if err := bindTo(fd, family, (*net.TCPAddr)(local)); err != nil {
				return err
			}
		}
		return os.NewSyscallError("connect", unix.Connect(fd, to))
	})
}

// allowBroadcast is what package net sets on every UDP socket.
func allowBroadcast(fd int) error { return setOption(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1) }

// bindUnixgram returns a Unix domain socket for datagrams on a.
func bindUnixgram(a *net.UnixAddr, prepare func(fd int) error) (int, error) {
	return newSocketWith(unix.AF_UNIX, unix.SOCK_DGRAM, func(fd int) error {
		if err := prepare(fd); err != nil {
			return err
		}
		return os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrUnix{Name: a.Name}))
	})
}

// connectUnixgram returns a Unix domain socket for datagrams that is connected to remote. local is its own name; empty for
// none.
func connectUnixgram(remote *net.UnixAddr, local string, prepare func(fd int) error) (int, error) {
	return newSocketWith(unix.AF_UNIX, unix.SOCK_DGRAM, func(fd int) error {
		if prepare != nil {
			if err := prepare(fd); err != nil {
				return err
			}
		}
		if local != "" {
			if err := unix.Bind(fd, &unix.SockaddrUnix{Name: local}); err != nil {
				return os.NewSyscallError("bind", err)
			}
		}
		return os.NewSyscallError("connect", unix.Connect(fd, &unix.SockaddrUnix{Name: remote.Name}))
	})
}

// isSix reports whether a socket is one of IPv6.
func isSix(fd int) bool {
	sa, err := unix.Getsockname(fd)
	_, six := sa.(*unix.SockaddrInet6)
	return err == nil && six
}

func udpLocal(fd int) net.Addr {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return nil
	}
	return udpAddr(sa)
}

// udpPeer returns the address that a socket is connected to, nil if it is not.
func udpPeer(fd int) net.Addr {
	sa, err := unix.Getpeername(fd)
	if err != nil {
		return nil
	}
	return udpAddr(sa)
}

func udpAddr(sa sysAddr) net.Addr {
	if a, ok := tcpAddr(sa).(*net.TCPAddr); ok {
		return (*net.UDPAddr)(a)
	}
	return nil
}

// sysReceiveUnix receives a datagram of a Unix domain socket. from is nil if the sender has no name.
func sysReceiveUnix(fd int, b []byte) (n int, from net.Addr, errno syscall.Errno) {
	n, sa, err := unix.Recvfrom(fd, b, 0)
	if err != nil {
		return 0, nil, asErrno(err)
	}
	if u, ok := sa.(*unix.SockaddrUnix); ok && u.Name != "" {
		from = &net.UnixAddr{Name: u.Name, Net: "unixgram"}
	}
	return n, from, 0
}

// sysSendUnix sends a datagram to the socket of a name.
func sysSendUnix(fd int, b []byte, to string) syscall.Errno {
	return asErrno(unix.Sendto(fd, b, 0, &unix.SockaddrUnix{Name: to}))
}
