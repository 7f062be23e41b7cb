package gevent

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// A Stream is a descriptor on which one can wait: an end of a pipe, a FIFO, a terminal. Its calls park the greenlet
// that makes them and let the others run. Several greenlets may read and write at the same time: a write is not mixed
// with another one. It belongs to the hub that made it, and is closed when that ends. It must not be copied.
//
// Regular files are no streams, they are never waited for: see File.
type Stream struct {
	home
	fd      fd
	name    string
	shared  bool // others have the same open file: ask before each operation, see NewStream
	closing bool // Read closes it at the end of the stream
	ended   bool // and has done so
}

// Pipe returns the two ends of a new pipe: what is written to w is read from r. Neither end is passed on to child
// processes. The error is that of the system, or errors.ErrUnsupported where hubs have no poller. Hub thread only.
func Pipe() (r, w *Stream, err error) {
	h := current("Pipe")
	if err := h.canStream("pipe"); err != nil {
		return nil, nil, err
	}
	rfd, wfd, err := sysPipe()
	if err != nil {
		return nil, nil, err
	}
	if r, err = h.newStream(rfd, "|0"); err != nil {
		_ = closeFd(wfd)
		return nil, nil, err
	}
	if w, err = h.newStream(wfd, "|1"); err != nil {
		_ = r.Close()
		return nil, nil, err
	}
	return r, w, nil
}

// NewStream returns a stream that reads and writes what f does, over a descriptor of its own: f stays the caller's, to
// be used and closed as before. It is the way to wait for the standard input, for a terminal, for what a parent process
// has passed on.
//
// Whether a descriptor blocks is known to the kernel once for all processes that share it: a program that made its
// terminal non-blocking would break the shell that started it, for good if it is killed. So a Stream leaves that as it
// is, and asks before each operation whether it would block. That is certain as long as nobody else reads the same
// input at the same moment; if somebody does, and takes what we were promised, a Read may stop the whole hub until more
// comes. Writes are made in pieces of at most 512 bytes, of which others may see some between their own.
//
// The error is fs.ErrPermission for what is always ready, such as a regular file or /dev/null (use NewFile), or
// errors.ErrUnsupported where hubs have no poller. Hub thread only.
func NewStream(f *os.File) (*Stream, error) {
	h := current("NewStream")
	if err := h.canStream(f.Name()); err != nil {
		return nil, err
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	var sysfd int
	var failure error
	if err := conn.Control(func(fd uintptr) { sysfd, failure = dupFd(int(fd)) }); err != nil {
		failure = os.ErrClosed // there is no other reason
	}
	if failure != nil {
		return nil, &fs.PathError{Op: "dup", Path: f.Name(), Err: failure}
	}
	s := &Stream{home: home{h}, name: f.Name(), shared: true}
	if err := h.register(&s.fd, sysfd); err != nil {
		return nil, &fs.PathError{Op: "poll", Path: f.Name(), Err: err}
	}
	return s, nil
}

func (h *Hub) canStream(name string) error {
	if h.poll == nil {
		return &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("gevent: streams need a poller: %w", errors.ErrUnsupported)}
	}
	return nil
}

// newStream makes sysfd, which nobody else has, a stream. If it fails sysfd is closed.
func (h *Hub) newStream(sysfd int, name string) (*Stream, error) {
	if err := setNonblock(sysfd); err != nil {
		_ = closeFd(sysfd)
		return nil, err
	}
	s := &Stream{home: home{h}, name: name}
	if err := h.register(&s.fd, sysfd); err != nil {
		return nil, &fs.PathError{Op: "poll", Path: name, Err: err}
	}
	return s, nil
}

// Read reads what has come, waiting for at least one byte. It ends early with io.EOF when nobody can write any more, an
// os.ErrDeadlineExceeded at the read deadline, an os.ErrClosed on Close, or with an error thrown at the greenlet. Parks.
// Hub thread only.
func (s *Stream) Read(b []byte) (n int, err error) {
	if s.ended {
		return 0, io.EOF
	}
	if !s.fd.closed.Load() {
		s.at("Stream.Read")
	}
	if s.shared {
		n, err = s.readShared(b)
	} else {
		n, err = s.fd.read(b)
	}
	if err == io.EOF && s.closing {
		s.ended = true
		_ = s.Close()
	}
	return n, s.fail("read", err)
}

// Write writes all of b, waiting for the reader to make room as long as needed. It ends early, with the number of bytes
// written, as Read does, or with EPIPE when nobody can read any more. Parks. Hub thread only.
func (s *Stream) Write(b []byte) (n int, err error) {
	if !s.fd.closed.Load() {
		s.at("Stream.Write")
	}
	if s.shared {
		n, err = s.writeShared(b)
	} else {
		n, err = s.fd.write(b)
	}
	return n, s.fail("write", err)
}

// Close closes the stream. Who waits on it gets an error that is os.ErrClosed, as does a second Close. Does not park.
// Safe from any goroutine.
func (s *Stream) Close() error { return s.fail("close", s.fd.close()) }

// SetDeadline sets the read and the write deadline; zero means none. It also moves the deadline of calls that wait now.
// Safe from any goroutine.
func (s *Stream) SetDeadline(t time.Time) error {
	return s.fail("set deadline", s.fd.setDeadline(t, &s.fd.r, &s.fd.w))
}

// SetReadDeadline sets the time after which Read fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (s *Stream) SetReadDeadline(t time.Time) error {
	return s.fail("set deadline", s.fd.setDeadline(t, &s.fd.r))
}

// SetWriteDeadline sets the time after which Write fails with os.ErrDeadlineExceeded. Safe from any goroutine.
func (s *Stream) SetWriteDeadline(t time.Time) error {
	return s.fail("set deadline", s.fd.setDeadline(t, &s.fd.w))
}

// Name returns what the stream was opened as. Safe from any goroutine.
func (s *Stream) Name() string { return s.name }

// fail is err as package os reports it: what concerns the descriptor is a *fs.PathError.
func (s *Stream) fail(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var system *os.SyscallError
	switch {
	case errors.Is(err, net.ErrClosed):
		err = os.ErrClosed
	case errors.As(err, &system):
		err = system.Err
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return err // thrown at the greenlet: not ours to wrap
	}
	return &fs.PathError{Op: op, Path: s.name, Err: err}
}

// atOnce bounds a write to a blocking descriptor that was said to take some: POSIX's least PIPE_BUF, for which every
// system has room then.
const atOnce = 512

// readShared is fd.read for a descriptor that may block. Nothing parks between the question and the read.
func (s *Stream) readShared(b []byte) (int, error) {
	f := &s.fd
	f.hub.sched.Spend()
	for {
		if err := f.check(&f.r); err != nil || len(b) == 0 {
			return 0, err
		}
		if !sysReady(int(f.sysfd), readable) {
			if err := f.wait(&f.r, readable, toRead); err != nil {
				return 0, err
			}
			continue
		}
		n, errno := sysReadShared(int(f.sysfd), b[:min(len(b), maxIO)])
		switch {
		case n > 0:
			return n, nil
		case errno == 0:
			return 0, io.EOF
		case errno != syscall.EINTR && errno != syscall.EAGAIN:
			return 0, os.NewSyscallError("read", errno)
		}
	}
}

// writeShared is fd.write for a descriptor that may block.
func (s *Stream) writeShared(b []byte) (done int, err error) {
	f := &s.fd
	if err := f.takeTurn(); err != nil {
		return 0, err
	}
	defer f.passTurn() // also if we are killed half-way
	for {
		f.hub.sched.Spend()
		if err := f.check(&f.w); err != nil || len(b) == done {
			return done, err
		}
		if !sysReady(int(f.sysfd), writable) {
			if err := f.wait(&f.w, writable, toWrite); err != nil {
				return done, err
			}
			continue
		}
		n, errno := sysWriteShared(int(f.sysfd), b[done:min(len(b), done+atOnce)])
		if errno != 0 && errno != syscall.EINTR && errno != syscall.EAGAIN {
			return done, os.NewSyscallError("write", errno)
		}
		if done += max(n, 0); done == len(b) {
			return done, nil
		}
	}
}
