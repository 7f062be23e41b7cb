//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"net"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

func closeFd(fd int) error { return unix.Close(fd) }

// dupFd returns a second descriptor for the same socket.
func dupFd(fd int) (int, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	return n, os.NewSyscallError("fcntl", err)
}

// connect begins a TCP connection and returns its socket; started is true if it is not established yet. Unless it is nil,
// prepare gets the socket before; it may park. So may from be nil, which is any address.
func connect(from, to *net.TCPAddr, prepare func(fd int) error) (fd int, started bool, err error) {
	family, sa, err := sockaddr(to)
	if err != nil {
		return -1, false, err
	}
	fd, err = newSocketWith(family, unix.SOCK_STREAM, func(fd int) error {
		if prepare != nil {
			if err := prepare(fd); err != nil {
				return err
			}
		}
		if from != nil {
			if err := bindTo(fd, family, from); err != nil {
				return err
			}
		}
		err := unix.Connect(fd, sa)
		if started = err == unix.EINPROGRESS || err == unix.EINTR; started { // interrupted, it goes on all the same
			return nil
		}
		return os.NewSyscallError("connect", err)
	})
	return fd, started, err
}

// bindTo gives a socket of the family a local address, whose host may be unspecified.
func bindTo(fd, family int, from *net.TCPAddr) error {
	of, sa := family, unix.Sockaddr(&unix.SockaddrInet4{Port: from.Port})
	if family == unix.AF_INET6 {
		sa = &unix.SockaddrInet6{Port: from.Port}
	}
	if !isAnywhere(from) {
		var err error
		if of, sa, err = sockaddr(from); err != nil {
			return err
		}
	}
	if of != family {
		return mismatched(from)
	}
	return os.NewSyscallError("bind", unix.Bind(fd, sa))
}

// connected returns how a connection that was started has ended.
func connected(fd int) error {
	errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	if errno != 0 {
		return os.NewSyscallError("connect", syscall.Errno(errno))
	}
	_, err = unix.Getpeername(fd)
	return os.NewSyscallError("getpeername", err)
}

func shutdownRead(fd int) error {
	return os.NewSyscallError("shutdown", unix.Shutdown(fd, unix.SHUT_RD))
}

func shutdownWrite(fd int) error {
	return os.NewSyscallError("shutdown", unix.Shutdown(fd, unix.SHUT_WR))
}

// sockName returns the address of a stream socket of the network, nil if the system does not tell it.
func sockName(fd int, network string) net.Addr {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return nil
	}
	return streamAddr(sa, network)
}

func localAddr(fd int) net.Addr { return sockName(fd, "tcp") }

// sysAddr is an address as the system has it.
type sysAddr = unix.Sockaddr

// streamAddr returns sa as the address of a stream socket of the network.
func streamAddr(sa sysAddr, network string) net.Addr {
	if u, ok := sa.(*unix.SockaddrUnix); ok {
		return &net.UnixAddr{Name: u.Name, Net: network}
	}
	return tcpAddr(sa)
}

func tcpAddr(sa unix.Sockaddr) net.Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}
	case *unix.SockaddrInet6:
		a := &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}
		if sa.ZoneId != 0 {
			a.Zone = strconv.Itoa(int(sa.ZoneId))
			if i, err := net.InterfaceByIndex(int(sa.ZoneId)); err == nil {
				a.Zone = i.Name
			}
		}
		return a
	}
	return nil
}

func sockaddr(a *net.TCPAddr) (family int, sa unix.Sockaddr, err error) {
	if ip := a.IP.To4(); ip != nil {
		return unix.AF_INET, &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte(ip)}, nil
	}
	ip := a.IP.To16()
	if ip == nil {
		return 0, nil, &net.AddrError{Err: "not an IP address", Addr: a.String()}
	}
	six := &unix.SockaddrInet6{Port: a.Port, Addr: [16]byte(ip)}
	if a.Zone != "" {
		if n, err := strconv.Atoi(a.Zone); err == nil {
			six.ZoneId = uint32(n)
		} else if i, err := net.InterfaceByName(a.Zone); err == nil {
			six.ZoneId = uint32(i.Index)
		} else {
			return 0, nil, err
		}
	}
	return unix.AF_INET6, six, nil
}

// isGone reports whether accept failed for a connection that was given up before it was accepted.
func isGone(err error) bool {
	return errors.Is(err, unix.ECONNABORTED) || errors.Is(err, unix.EINTR)
}

// isExhausted reports whether an operation failed because the process or the system has no more descriptors or memory.
func isExhausted(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.ENOBUFS) ||
		errors.Is(err, unix.ENOMEM) || errors.Is(err, unix.ENOSPC) // the last one is said by epoll_ctl
}

func isAgain(err error) bool { return errors.Is(err, unix.EAGAIN) }
