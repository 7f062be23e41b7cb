package multiprocessing

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"greenloop/gevent"
)

// listenUnix listens on a Unix socket at path. The file of one on which nobody listens any more, as a process that was
// killed leaves it, is replaced. Who looks at a file, removes it, makes one or is about to listen on it has the lock of
// the directory: between these steps it would be taken for a dead one's. Parks.
func listenUnix(path string) (net.Listener, error) {
	if !hasFile(path) {
		return gevent.Listen("unix", path)
	}
	ours := true
	if dir, err := os.Open(filepath.Dir(path) + "/."); err == nil { // without leave to read it has no lock
		defer dir.Close() // also if we are killed
		if ours, err = lockDir(dir); err != nil {
			return nil, err
		}
	}
	l, err := gevent.Listen("unix", path)
	if ours && errors.Is(err, syscall.EADDRINUSE) && isDeserted(path) {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		return gevent.Listen("unix", path)
	}
	return l, err
}

// hasFile reports whether a Unix socket of that name has a file.
func hasFile(name string) bool { return name != "" && name[0] != '@' }

var turnTime = 3 * time.Second // how long others may have the lock of a directory; it is less in tests

const turnPause = time.Millisecond

// lockDir waits for the lock of a directory, which ends when that is closed, or with the process. It reports false if
// somebody else has it for too long. A file system that has no locks grants them all. Parks.
func lockDir(dir *os.File) (ours bool, err error) {
	for end := time.Now().Add(turnTime); ; {
		if !errors.Is(sysLock(dir), syscall.EWOULDBLOCK) {
			return true, nil
		}
		if time.Now().After(end) {
			return false, nil
		}
		if err := gevent.Sleep(turnPause); err != nil {
			return false, err
		}
	}
}

// isDeserted reports whether a file is that of a socket on which nobody listens. Connecting to a file of another kind is
// refused, too: that one is not ours to remove.
func isDeserted(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return false
	}
	conn, err := gevent.Dial("unix", path)
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// isSameFile reports whether a socket's file is still the one that it was. File systems give the number of a file that
// was removed to the next one.
func isSameFile(was, now os.FileInfo) bool {
	return os.SameFile(was, now) && was.ModTime().Equal(now.ModTime())
}

// fileOf returns the file of a Unix socket, nil if it has none, as on TCP.
func fileOf(l net.Listener) os.FileInfo {
	if l.Addr().Network() != "unix" {
		return nil
	}
	file, _ := os.Lstat(addressOf(l))
	return file
}

// spareFile keeps the listener's end from removing the file of another one that listens there now. file is what fileOf has
// returned when it began to listen.
func spareFile(l net.Listener, file os.FileInfo) {
	unlinker, ok := l.(interface{ SetUnlinkOnClose(bool) })
	if !ok || file == nil {
		return
	}
	if now, err := os.Lstat(addressOf(l)); err != nil || !os.SameFile(file, now) { // no other gets its number while it is open
		unlinker.SetUnlinkOnClose(false)
	}
}
