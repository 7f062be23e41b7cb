package gevent

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"
)

// An FdWatch lets greenlets wait at a descriptor that is somebody else's: of a C library's connection, a timerfd, an
// inotify instance. It reads and writes nothing. The descriptor stays its owner's, who must not close it before the
// FdWatch: the system would report nothing any more, or what concerns the next that gets the number.
type FdWatch struct {
	fd    fd
	users int // how often WatchFd has returned it, less how often it was closed
}

// WatchFd begins to watch a descriptor. It need not be non-blocking; nothing is changed about it. If it is watched already
// by this hub, the same FdWatch is returned, to be closed once more.
//
// The error is fs.ErrPermission for files and directories, which are always ready, fs.ErrExist for the descriptor of a
// connection of this hub, which has Readable itself, EBADF for one that is not open, and errors.ErrUnsupported where hubs
// have no poller. Hub thread only.
func WatchFd(sysfd int) (*FdWatch, error) {
	h := current("WatchFd")
	if w := h.lent[sysfd]; w != nil {
		w.users++
		return w, nil
	}
	if h.poll == nil {
		return nil, fmt.Errorf("gevent: watching fd %d: %w", sysfd, errNoPoller)
	}
	w := &FdWatch{users: 1}
	w.fd.borrowed = true
	if err := h.register(&w.fd, sysfd); err != nil {
		return nil, fmt.Errorf("gevent: watching fd %d: %w", sysfd, whyNot(err))
	}
	if h.lent == nil {
		h.lent = make(map[int]*FdWatch)
	}
	h.lent[sysfd] = w
	return w, nil
}

// whyNot adds to a refusal what to do instead.
func whyNot(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; use a File", err)
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w; use the Readable and Writable of what it belongs to", err)
	}
	return err
}

// Readable is ready when a read of the descriptor would not block. Safe from any goroutine.
func (w *FdWatch) Readable() Readiness { return Readiness{&w.fd, readable} }

// Writable is ready when a write to the descriptor would not block. Safe from any goroutine.
func (w *FdWatch) Writable() Readiness { return Readiness{&w.fd, writable} }

// Close ends the watch, unless WatchFd has returned it to others who have not closed it; the descriptor stays open.
// Whoever waits still is woken, and told by an error that is net.ErrClosed. So is a Close too many. Does not park. Hub
// thread only.
func (w *FdWatch) Close() error {
	f := &w.fd
	f.mustBeHere("FdWatch.Close")
	switch {
	case f.closed.Load():
		return net.ErrClosed
	case w.users > 1:
		w.users--
		return nil
	}
	delete(f.hub.lent, int(f.sysfd))
	return f.close()
}

// WaitRead waits until a read of somebody else's descriptor would not block: because there is something, or because it
// would fail. What is said of WatchFd and its errors holds here: the descriptor stays open, and its owner's, and is
// watched during the call. Any other error is one thrown at the caller. Parks. Hub thread only.
func WaitRead(sysfd int) error { return waitFd(sysfd, Never, (*FdWatch).Readable) }

// WaitReadTimeout is WaitRead that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready. Parks. Hub thread only.
func WaitReadTimeout(sysfd int, d time.Duration) error { return waitFd(sysfd, d, (*FdWatch).Readable) }

// WaitWrite is WaitRead for writing. Parks. Hub thread only.
func WaitWrite(sysfd int) error { return waitFd(sysfd, Never, (*FdWatch).Writable) }

// WaitWriteTimeout is WaitWrite that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready. Parks. Hub thread only.
func WaitWriteTimeout(sysfd int, d time.Duration) error { return waitFd(sysfd, d, (*FdWatch).Writable) }

func waitFd(sysfd int, d time.Duration, what func(*FdWatch) Readiness) error {
	w, err := WatchFd(sysfd)
	if err != nil {
		return err
	}
	defer w.Close()
	_, err = PollTimeout(d, what(w))
	return err
}
