package gevent

import (
	"io"
	"io/fs"
	"os"
	"strings"

	"greenloop/sched"
)

// A File is a file on a disk, for which the kernel knows no waiting but blocking. So each operation is made on another
// goroutine, while the greenlet waits. It belongs to the hub that opened it; Close it. It must not be copied.
//
// What reads, writes or moves the position (Read, Write, Seek, ReadDir, Truncate, Sync) is done one at a time, in the
// order of the calls: a Write of one greenlet is never mixed with another's. ReadAt, WriteAt and Stat go beside them.
//
// An operation that has begun cannot be called back. If its greenlet is killed meanwhile, or an error thrown at it, it
// still happens, and the next waits until it is over; so a Write may have been made, and a Read may have moved the
// position. One that was waiting for its turn does not happen. The bytes go through a buffer of the operation's own:
// that of the caller is never touched after the call.
type File struct {
	home
	file   *os.File
	closed bool

	holder  *sched.Task // has the turn; others wait for it
	stray   bool        // the operation of a greenlet that is gone goes on, and has the turn
	waiters sched.WaitQueue
}

// Open opens a file for reading. Parks. Hub thread only.
func Open(name string) (*File, error) { return openFile(current("Open"), name, os.O_RDONLY, 0) }

// Create makes a file for reading and writing, or empties the one that is there. Parks. Hub thread only.
func Create(name string) (*File, error) {
	return openFile(current("Create"), name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// OpenFile opens a file as os.OpenFile does. If the wait is ended by an error thrown at the greenlet, or by a kill, the
// file is closed as soon as it is open. Parks. Hub thread only.
func OpenFile(name string, flag int, perm fs.FileMode) (*File, error) {
	return openFile(current("OpenFile"), name, flag, perm)
}

func openFile(h *Hub, name string, flag int, perm fs.FileMode) (*File, error) {
	f, err := onThread(h, func() (*os.File, error) { return os.OpenFile(name, flag, perm) },
		func(f *os.File) { _ = f.Close() })
	if err != nil {
		return nil, err
	}
	return &File{home: home{h}, file: f}, nil
}

// NewFile returns f for greenlets: one that was opened elsewhere, such as a standard input that is a regular file. It
// belongs to the File from then on. Hub thread only.
func NewFile(f *os.File) *File { return &File{home: home{current("NewFile")}, file: f} }

// ReadFile returns what the file contains. Parks. Hub thread only.
func ReadFile(name string) ([]byte, error) {
	return onThread(current("ReadFile"), func() ([]byte, error) { return os.ReadFile(name) }, nil)
}

// WriteFile makes the file contain data, as os.WriteFile does. If the wait is ended early it may be written all the
// same. Parks. Hub thread only.
func WriteFile(name string, data []byte, perm fs.FileMode) error {
	data = append([]byte(nil), data...) // the caller's may change once the wait is over
	_, err := onThread(current("WriteFile"), func() (any, error) { return nil, os.WriteFile(name, data, perm) }, nil)
	return err
}

// onFile is what a greenlet waits for. As a value of the interface, so that none is made for each wait.
var (
	onFile    sched.Reason = sched.Why("file operation")
	inTheFile sched.Reason = sched.Why("turn to use a file")
)

// maxChunk bounds the buffer of an operation.
const maxChunk = 1 << 20

// Read reads up to len(b) bytes, 1 MiB at the most, from where the position is. Its errors are those of package os,
// io.EOF at the end, os.ErrClosed, or one thrown at the greenlet. Parks. Hub thread only.
func (f *File) Read(b []byte) (n int, err error) {
	err = f.inTurn("File.Read", func(h *Hub) error {
		n, err = f.reading(h, b[:min(len(b), maxChunk)], f.file.Read)
		return err
	})
	return n, err
}

// ReadAt reads len(b) bytes from the offset off, fewer with an error. It may be called at the same time as everything
// else. Parks. Hub thread only.
func (f *File) ReadAt(b []byte, off int64) (n int, err error) {
	h, err := f.use("File.ReadAt")
	for n < len(b) && err == nil {
		var some int
		at := off + int64(n)
		some, err = f.reading(h, b[n:min(len(b), n+maxChunk)], func(b []byte) (int, error) { return f.file.ReadAt(b, at) })
		n += some
	}
	return n, err
}

// Write writes all of b where the position is. Parks. Hub thread only.
func (f *File) Write(b []byte) (n int, err error) {
	err = f.inTurn("File.Write", func(h *Hub) error {
		n, err = f.writing(h, b, func(b []byte, _ int64) (int, error) { return f.file.Write(b) })
		return err
	})
	return n, err
}

// WriteAt writes all of b at the offset off. It may be called at the same time as everything else. Parks. Hub thread
// only.
func (f *File) WriteAt(b []byte, off int64) (n int, err error) {
	h, err := f.use("File.WriteAt")
	if err != nil {
		return 0, err
	}
	return f.writing(h, b, func(b []byte, done int64) (int, error) { return f.file.WriteAt(b, off+done) })
}

func (f *File) reading(h *Hub, b []byte, read func([]byte) (int, error)) (int, error) {
	own := make([]byte, len(b))
	n, err := perform(f, h, func() (int, error) { return read(own) })
	return copy(b, own[:n]), err
}

// writing makes as many operations as it takes. What they are given is theirs: they may outlive the call.
func (f *File) writing(h *Hub, b []byte, write func(b []byte, done int64) (int, error)) (done int, err error) {
	own := make([]byte, min(len(b), maxChunk))
	for {
		at, chunk := int64(done), own[:copy(own, b[done:])]
		n, err := perform(f, h, func() (int, error) { return write(chunk, at) })
		if done += n; err != nil || done == len(b) {
			return done, err
		}
	}
}

// Seek moves the position, as os.File's does. Parks. Hub thread only.
func (f *File) Seek(offset int64, whence int) (position int64, err error) {
	err = f.inTurn("File.Seek", func(h *Hub) error {
		position, err = perform(f, h, func() (int64, error) { return f.file.Seek(offset, whence) })
		return err
	})
	return position, err
}

// ReadDir reads the next n entries of a directory, all that are left if n is not above zero, as os.File's does. Parks.
// Hub thread only.
func (f *File) ReadDir(n int) (entries []fs.DirEntry, err error) {
	err = f.inTurn("File.ReadDir", func(h *Hub) error {
		entries, err = perform(f, h, func() ([]fs.DirEntry, error) { return f.file.ReadDir(n) })
		return err
	})
	return entries, err
}

// Truncate changes the size of the file. Parks. Hub thread only.
func (f *File) Truncate(size int64) error {
	return f.inTurn("File.Truncate", func(h *Hub) error {
		_, err := perform(f, h, func() (any, error) { return nil, f.file.Truncate(size) })
		return err
	})
}

// Sync waits until what was written before is on the disk. Parks. Hub thread only.
func (f *File) Sync() error {
	return f.inTurn("File.Sync", func(h *Hub) error {
		_, err := perform(f, h, func() (any, error) { return nil, f.file.Sync() })
		return err
	})
}

// Stat describes the file. Parks. Hub thread only.
func (f *File) Stat() (fs.FileInfo, error) {
	h, err := f.use("File.Stat")
	if err != nil {
		return nil, err
	}
	return perform(f, h, f.file.Stat)
}

// Name returns the name that the file was opened with. Safe from any goroutine.
func (f *File) Name() string { return f.file.Name() }

// Close closes the file. Who waits for a turn gets an error that is os.ErrClosed, as does a second Close; operations
// that have begun end first. If the wait for that is ended early, the file is closed all the same. Parks. Hub thread
// only, except after the hub has ended.
func (f *File) Close() error {
	h, err := f.use("File.Close")
	switch {
	case f.hub.closed.Load():
		return f.file.Close()
	case err != nil:
		return err
	}
	f.closed = true
	f.waiters.WakeAll()
	_, err = offload(h, onFile, func() (any, error) { return nil, f.file.Close() }, nil)
	return err
}

// use returns the hub, if the file can be used.
func (f *File) use(call string) (*Hub, error) {
	if f.closed || f.hub.closed.Load() {
		return nil, &fs.PathError{Op: strings.ToLower(strings.TrimPrefix(call, "File.")), Path: f.Name(), Err: os.ErrClosed}
	}
	return f.at(call), nil
}

var (
	_ io.ReadWriteSeeker = (*File)(nil)
	_ fs.ReadDirFile     = (*File)(nil)
)
