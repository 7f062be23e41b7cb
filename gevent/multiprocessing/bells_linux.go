package multiprocessing

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A bell is an eventfd, which nobody reads: each write is an edge for all epolls that have it.
type bell struct{ sysfd int }

func newBell() (bell, error) {
	sysfd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return bell{-1}, os.NewSyscallError("eventfd", err)
	}
	return bell{sysfd}, nil
}

// openBell returns a bell that has come from another process.
func openBell(sysfd int) bell { return bell{sysfd} }

func (b bell) ring() { // it takes nearly 2⁶⁴ of them
	one := uint64(1)
	_, _, _ = unix.RawSyscall(unix.SYS_WRITE, uintptr(b.sysfd), uintptr(unsafe.Pointer(&one)), unsafe.Sizeof(one))
}

func (b bell) close() {
	if b.sysfd >= 0 {
		_ = unix.Close(b.sysfd)
	}
}

func (b bell) travels() bool { return true }

func (b bell) dup() (*os.File, error) { return dupFile(b.sysfd, "bell") }

// sources are an epoll of our own, which is readable itself when one of its descriptors is, so that a hub's poller can
// wait for it, whatever that is.
type sources struct{ sysfd int }

func newSources() *sources {
	sysfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	return &sources{sysfd}
}

func (s *sources) close() { _ = unix.Close(s.sysfd) }

// What a descriptor is, in its event.
const (
	bellSource = iota
	deathSource
)

func (s *sources) add(sysfd, source int32) bool {
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: sysfd, Pad: source}
	return unix.EpollCtl(s.sysfd, unix.EPOLL_CTL_ADD, int(sysfd), &event) == nil
}

func (s *sources) addBell(sysfd int32) bool { return s.add(sysfd, bellSource) }

func (s *sources) removeBell(sysfd int32) { s.remove(sysfd) }

// remove has a descriptor tell nothing any more. To close it is not enough: it may be open in another process still.
func (s *sources) remove(sysfd int32) {
	_ = unix.EpollCtl(s.sysfd, unix.EPOLL_CTL_DEL, int(sysfd), nil) // it may never have been added
}

// addDeath opens a descriptor of the process, if that is alive.
func (s *sources) addDeath(id identity) (sysfd int32, ok bool) {
	n, err := unix.PidfdOpen(id.pid(), 0)
	if err != nil {
		return -1, false
	}
	if !id.alive() || !s.add(int32(n), deathSource) {
		_ = unix.Close(n)
		return -1, false
	}
	return int32(n), true
}

// removeDeath closes what addDeath has opened.
func (s *sources) removeDeath(sysfd int32) {
	s.remove(sysfd)
	_ = unix.Close(int(sysfd))
}

// collect tells what has happened.
func (s *sources) collect(rang, died func(sysfd int32)) {
	var events [32]unix.EpollEvent
	for {
		n, err := unix.EpollWait(s.sysfd, events[:], 0)
		if err != nil && err != unix.EINTR {
			return
		}
		for _, e := range events[:max(n, 0)] {
			if e.Pad == deathSource {
				died(e.Fd)
			} else {
				rang(e.Fd)
			}
		}
		if err == nil && n < len(events) {
			return
		}
	}
}
