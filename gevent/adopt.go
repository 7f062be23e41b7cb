package gevent

import (
	"net"
	"os"
	"syscall"
)

// FileConn returns a connection that is the socket of f, such as one that a parent process has passed on: a *TCPConn, a
// *UnixConn, or, for datagrams, a *UDPConn or *UnixgramConn. It has a descriptor of its own; f stays the caller's to
// close. The socket, which both share, does not block from then on: that also holds for f, and for other processes that
// have it. The error is ENOTSOCK for what is no socket, and EPROTONOSUPPORT for one of another kind. Hub thread only.
func FileConn(f *os.File) (net.Conn, error) {
	return adopt(current("FileConn"), f, func(h *Hub, sysfd int, network string) (net.Conn, error) {
		switch network {
		case "tcp":
			tune(sysfd, usualKeepAlive)
			return asConn(openTCPConn(h, sysfd, peerName(sysfd, network)))
		case "udp":
			return asConn(openUDP(h, sysfd, udpPeer(sysfd)))
		case "unixgram":
			return asConn(openUnixgram(h, sysfd, peerName(sysfd, network)))
		default:
			return asConn(openUnixConn(h, sysfd, peerName(sysfd, network), network))
		}
	})
}

// FilePacketConn is FileConn for a socket that carries datagrams. Hub thread only.
func FilePacketConn(f *os.File) (net.PacketConn, error) {
	return adopt(current("FilePacketConn"), f, func(h *Hub, sysfd int, network string) (net.PacketConn, error) {
		switch network {
		case "udp":
			return asPacketConn(openUDP(h, sysfd, udpPeer(sysfd)))
		case "unixgram":
			return asPacketConn(openUnixgram(h, sysfd, peerName(sysfd, network)))
		}
		return nil, refuse(sysfd)
	})
}

// FileListener returns a listener that is the socket of f, such as one that a service manager or the process before this
// one has passed on: a *TCPListener, or a *UnixListener, which leaves the socket's file where it is. What is said at
// FileConn holds here. The error is EINVAL for a socket on which nobody listens. Hub thread only.
func FileListener(f *os.File) (net.Listener, error) {
	return adopt(current("FileListener"), f, func(h *Hub, sysfd int, network string) (net.Listener, error) {
		if network == "udp" || network == "unixgram" {
			return nil, refuse(sysfd)
		}
		if err := mustListen(sysfd); err != nil {
			_ = closeFd(sysfd)
			return nil, err
		}
		if network == "tcp" {
			l, err := newTCPListener(h, sysfd, usualKeepAlive, false)
			if err != nil {
				return nil, err
			}
			return l, nil
		}
		l, err := newUnixListener(h, sysfd, network)
		if err != nil {
			return nil, err
		}
		return l, nil
	})
}

// adopt has open make something of a second descriptor of f's socket, which it closes if it fails.
func adopt[T any](h *Hub, f *os.File, open func(h *Hub, sysfd int, network string) (T, error)) (T, error) {
	var none T
	fail := func(err error) error {
		return &net.OpError{Op: "file", Net: "file+net", Source: fileAddr(f.Name()), Err: err}
	}
	if h.poll == nil {
		return none, fail(errNoPoller)
	}
	sysfd, network, err := dupSocket(f)
	if err != nil {
		return none, fail(err)
	}
	v, err := open(h, sysfd, network)
	if err != nil {
		return none, fail(err)
	}
	return v, nil
}

// dupSocket returns a second descriptor of f's socket, which does not block, and the network that it is of.
func dupSocket(f *os.File) (sysfd int, network string, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return -1, "", err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) {
		if network, failed = socketNetwork(int(fd)); failed == nil {
			sysfd, failed = dupFd(int(fd))
		}
	}); err != nil {
		failed = os.ErrClosed // there is no other reason
	}
	if failed != nil {
		return -1, "", failed
	}
	if err := setNonblock(sysfd); err != nil {
		_ = closeFd(sysfd)
		return -1, "", err
	}
	return sysfd, network, nil
}

// refuse closes a socket that is of the wrong kind.
func refuse(sysfd int) error {
	_ = closeFd(sysfd)
	return syscall.EPROTONOSUPPORT
}

// fileAddr is a file's name in errors, as package net tells it.
type fileAddr string

func (fileAddr) Network() string  { return "file+net" }
func (a fileAddr) String() string { return string(a) }
