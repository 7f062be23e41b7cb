//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// How a file is locked.
const (
	forShared  = unix.LOCK_SH | unix.LOCK_NB
	forOneself = unix.LOCK_EX | unix.LOCK_NB
	notAtAll   = unix.LOCK_UN
)

// noFollow refuses symbolic links, and does not wait for the other end of a named pipe.
const noFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK

// lockFile locks an open file, and reports whether it could. It does not wait. The lock is that of the open file, so it
// ends with the last descriptor of that.
func lockFile(f *os.File, how int) (done bool) {
	err := control(f, func(sysfd int) { done = unix.Flock(sysfd, how) == nil })
	return done && err == nil
}

func isOurs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}

func linksOf(f *os.File) int {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return int(stat.Nlink)
}
