//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// maxBacklog is more connections than any system lets wait to be accepted; each cuts it down to its own limit.
const maxBacklog = 65535

// listenOn returns a TCP socket that listens on a. prepare is called with each that it tries, before it is bound, and
// with the network that this is for. Nothing of it waits.
func listenOn(network string, a *net.TCPAddr, backlog int, prepare func(fd int, network string) error) (fd int, err error) {
	try := func(network string, sa sysAddr, only6 bool) (int, error) {
		return listenSocket(sa, unix.SOCK_STREAM, backlog, func(fd int) error {
			if err := setOnly6(fd, network, only6); err != nil {
				return err
			}
			if err := setOption(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
				return err
			}
			return prepare(fd, network)
		})
	}
	return bindFirst(network, a, try)
}

// bindFirst calls try for the first kind of socket of a TCP or UDP network that can have the local address a, with the
// network of that kind, and whether it is for IPv6 only.
func bindFirst(
	network string, a *net.TCPAddr, try func(network string, sa sysAddr, only6 bool) (int, error),
) (fd int, err error) {
	four, six := network[:3]+"4", network[:3]+"6"
	if isAnywhere(a) && network != four {
		fd, err = try(six, &unix.SockaddrInet6{Port: a.Port}, network == six)
		if err == nil || network == six || errors.Is(err, unix.EADDRINUSE) || errors.Is(err, unix.EACCES) {
			return fd, err
		}
		// No IPv6 here, or no socket for both (OpenBSD, DragonFly): IPv4 alone, as package net does then.
	}
	if isAnywhere(a) {
		return try(four, &unix.SockaddrInet4{Port: a.Port}, false)
	}
	family, sa, err := sockaddr(a)
	if err != nil {
		return -1, err
	}
	if family == unix.AF_INET6 {
		return try(six, sa, network == six)
	}
	return try(four, sa, false)
}

// setOnly6 says, of a socket of IPv6, whether it takes no IPv4.
func setOnly6(fd int, network string, only6 bool) error {
	if network[len(network)-1] != '6' {
		return nil
	}
	return setOption(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, oneIf(only6))
}

// listenUnixOn returns a Unix domain socket that listens on a.
func listenUnixOn(a *net.UnixAddr, backlog int, prepare func(fd int) error) (int, error) {
	return listenSocket(&unix.SockaddrUnix{Name: a.Name}, unixKind(a.Net), backlog, prepare)
}

// connectUnix returns a Unix domain socket that is connected to remote.
func connectUnix(remote, local *net.UnixAddr, prepare func(fd int) error) (int, error) {
	return newSocketWith(unix.AF_UNIX, unixKind(remote.Net), func(fd int) error {
		if prepare != nil {
			if err := prepare(fd); err != nil {
				return err
			}
		}
		if local != nil {
			if err := unix.Bind(fd, &unix.SockaddrUnix{Name: local.Name}); err != nil {
				return os.NewSyscallError("bind", err)
			}
		}
		return os.NewSyscallError("connect", unix.Connect(fd, &unix.SockaddrUnix{Name: remote.Name}))
	})
}

func unixKind(network string) int {
	if network == "unixpacket" {
		return unix.SOCK_SEQPACKET
	}
	return unix.SOCK_STREAM
}

// removeSocket removes the file of a socket, if it is there.
func removeSocket(name string) { _ = unix.Unlink(name) }

// listenSocket returns a socket that listens on sa.
func listenSocket(sa sysAddr, kind, backlog int, prepare func(fd int) error) (int, error) {
	return newSocketWith(familyOf(sa), kind, func(fd int) error {
		if err := prepare(fd); err != nil {
			return err
		}
		if err := unix.Bind(fd, sa); err != nil {
			return os.NewSyscallError("bind", err)
		}
		return os.NewSyscallError("listen", unix.Listen(fd, backlog))
	})
}

func familyOf(sa sysAddr) int {
	switch sa.(type) {
	case *unix.SockaddrInet4:
		return unix.AF_INET
	case *unix.SockaddrInet6:
		return unix.AF_INET6
	}
	return unix.AF_UNIX
}

// newSocketWith returns a socket once setUp, which may be a user's, has succeeded with it.
func newSocketWith(family, kind int, setUp func(fd int) error) (int, error) {
	fd, err := sysSocket(family, kind, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	done := false
	defer func() { // also if setUp panics
		if !done {
			_ = closeFd(fd)
		}
	}()
	if err := setUp(fd); err != nil {
		return -1, err
	}
	done = true
	return fd, nil
}
