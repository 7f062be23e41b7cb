package gevent

import (
	"net"
	"os"
)

// FileConn returns a connection that is the socket of f, such as one that a parent process has passed on: a *TCPConn or
// a *UnixConn. It has a descriptor of its own; f stays the caller's to close. The socket, which both share, does not
// block from then on: that also holds for f, and for other processes that have it. The error is ENOTSOCK for what is no
// socket, and EPROTONOSUPPORT for one of another kind. Hub thread only.
func FileConn(f *os.File) (net.Conn, error) {
	return adopt(current("FileConn"), f, streamNetwork, func(h *Hub, sysfd int, network string) (net.Conn, error) {
		remote := peerName(sysfd, network)
		if network == "tcp" {
			return asConn(newTCPConn(h, sysfd, remote))
		}
		return asConn(openUnixConn(h, sysfd, remote, network))
	})
}

// FileListener returns a listener that is the socket of f, such as one that a service manager or the process before this
// one has passed on: a *TCPListener, or a *UnixListener, which leaves the socket's file where it is. What is said at
// FileConn holds here. The error is EINVAL for a socket on which nobody listens. Hub thread only.
func FileListener(f *os.File) (net.Listener, error) {
	return adopt(current("FileListener"), f, streamNetwork, func(h *Hub, sysfd int, network string) (net.Listener, error) {
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

// adopt has open make something of a second descriptor of f's socket, which it closes if it fails. kindOf tells the network
// that a descriptor is of, or refuses it.
func adopt[T any](h *Hub, f *os.File, kindOf func(sysfd int) (string, error),
	open func(h *Hub, sysfd int, network string) (T, error)) (T, error) {
	var none T
	fail := func(err error) error { return &net.OpError{Op: "file", Net: "file+net", Err: err} }
	if err := h.canDo("file", "tcp"); err != nil {
		return none, err
	}
	sysfd, network, err := dupSocket(f, kindOf)
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
func dupSocket(f *os.File, kindOf func(int) (string, error)) (sysfd int, network string, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return -1, "", err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) {
		if network, failed = kindOf(int(fd)); failed == nil {
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
