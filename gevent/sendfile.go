package gevent

import (
	"cmp"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// A regularFile is an *os.File, or what os.File.WriteTo hands over in its place.
type regularFile interface {
	fs.File
	io.Seeker
	syscall.Conn
}

// fileChunk is how much of a file is sent by one system call: it bounds how long the hub's thread stands still if it has to
// be read from the disk first, some 10 ms on a slow one. BenchmarkCopyFile with 4 MiB: half the processor time of a copy;
// with pieces of 256 KiB as much as that, with larger ones no less.
const fileChunk = 1 << 20

// minSendfile is from where on sendfile is cheaper than a copy: one of 4 KiB takes half its time.
const minSendfile = 256 << 10

// sendFile sends a file from where it stands, no more than limit bytes, and moves it on by what was sent. done is false if
// the rest, or all, has to be copied.
func (c *streamConn) sendFile(file regularFile, limit int64) (n int64, done bool, err error) {
	if !hasSendfile {
		return 0, false, nil
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || min(limit, info.Size()) < minSendfile {
		return 0, false, nil // if that failed, reading it tells why
	}
	start, err := file.Seek(0, io.SeekCurrent)
	if err != nil || info.Size()-start < minSendfile {
		return 0, false, nil
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return 0, false, nil
	}
	defer func() { // also if we are killed meanwhile
		_, failed := file.Seek(start+n, io.SeekStart)
		err = cmp.Or(err, failed)
	}()
	f := &c.fd
	var gone error // the file's, closed by another goroutine
	err = f.writeBy("sendfile", func(sysfd int) (last bool, errno syscall.Errno) {
		some, sent := int(min(limit-n, fileChunk)), 0
		if raw.Control(func(filefd uintptr) { sent, errno = sysSendfile(sysfd, int(filefd), start+n, some) }) != nil {
			gone = os.ErrClosed // there is no other reason
		}
		n += int64(sent)
		switch {
		case gone != nil, errno == 0 && sent == 0, n == limit, cannotSend(errno):
			return true, 0
		case sent > 0:
			f.hub.sched.Yield() // it may have come from the disk: nobody should wait for a second such piece
			return false, 0
		}
		return false, errno
	})
	if err = cmp.Or(err, gone); err != nil {
		return n, true, c.fail("readfrom", err)
	}
	return n, n == limit, nil // at the end of the file one read more tells so
}
