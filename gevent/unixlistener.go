package gevent

import (
	"errors"
	"net"
	"sync/atomic"
)

// A UnixListener listens on a Unix domain socket, as a net.Listener. Its Accept parks a greenlet, or blocks another
// goroutine, which then gets a connection of package net. It belongs to the hub that made it, and is closed when that
// ends.
//
// The file that Listen has made for it is removed when it is closed, see SetUnlinkOnClose. One that was left there by a
// program which did not come to that has to be removed by the next, before Listen. On Linux a name that begins
// with an "@" needs no file, and the empty name lets the kernel choose such a one.
type UnixListener struct {
	listener
	unlink atomic.Bool
}

// socketFiles are the listeners that have a file, by their descriptors.
type socketFiles map[*fd]*UnixListener

// listenUnix listens on a.
func (c *ListenConfig) listenUnix(h *Hub, a *net.UnixAddr) (*UnixListener, error) {
	if c.ReusePort {
		return nil, errReusePort
	}
	sysfd, err := listenUnixOn(a, c.backlog(), func(sysfd int) error { return c.control(sysfd, a.Net, a.Name) })
	if err != nil {
		return nil, err
	}
	l, err := newUnixListener(h, sysfd, a.Net)
	if err != nil {
		if hasFile(a.Name) {
			removeSocket(a.Name)
		}
		return nil, err
	}
	if hasFile(l.addr.String()) {
		l.unlink.Store(true)
		if h.files == nil {
			h.files = make(socketFiles)
		}
		h.files[&l.fd] = l
	}
	return l, nil
}

// hasFile reports whether a socket of that name has a file. One whose name begins with an "@" is taken to be Linux's on
// other systems, too, as by package net.
func hasFile(name string) bool { return name != "" && name[0] != '@' }

var errReusePort = errors.Join(errors.New("gevent: ReusePort is for TCP"), errors.ErrUnsupported)

// newUnixListener makes sysfd a listener. If it fails sysfd is closed.
func newUnixListener(h *Hub, sysfd int, network string) (*UnixListener, error) {
	l := new(UnixListener)
	l.addr = sockName(sysfd, network)
	l.welcome = func(sysfd int, peer sysAddr) (net.Conn, error) {
		return asConn(openUnixConn(h, sysfd, streamAddr(peer, network), network))
	}
	if err := h.register(&l.fd, sysfd); err != nil {
		return nil, err
	}
	return l, nil
}

// SetUnlinkOnClose says whether Close, or the end of the hub, removes the socket's file. It does by default where Listen
// has made the file, and not for a listener of FileListener. Safe from any goroutine.
func (l *UnixListener) SetUnlinkOnClose(unlink bool) { l.unlink.Store(unlink) }

// Close stops listening, and removes the socket's file. Whoever waits in Accept gets an error that is net.ErrClosed. Does
// not park. Safe from any goroutine.
func (l *UnixListener) Close() error {
	if !l.fd.closed.Load() {
		l.removeFile() // before it is closed, so that the file of whoever listens there next is not taken away
	}
	return l.listener.Close()
}

func (l *UnixListener) removeFile() {
	if l.unlink.Swap(false) {
		removeSocket(l.addr.String())
	}
}
