//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package netpoll

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An index out of range does not compile, so these lines hold the portable flags to the system's.
var (
	_ = [1]struct{}{}[evAdd-unix.EV_ADD]
	_ = [1]struct{}{}[evDelete-unix.EV_DELETE]
	_ = [1]struct{}{}[evClear-unix.EV_CLEAR]
	_ = [1]struct{}{}[evError-unix.EV_ERROR]
	_ = [1]struct{}{}[evEOF-unix.EV_EOF]
)

func openKqueue(r *registry) (backend, error) {
	var fetched []rawKevent // of this kqueue's waits
	return newKqueue(r, kqueueSystem{
		open: func() (int, error) {
			kq, err := unix.Kqueue() // a child of fork does not inherit it; close-on-exec is for an exec without fork
			if err == nil {
				unix.CloseOnExec(kq)
			}
			return kq, err
		},
		kevent: func(kq int, changes, events []kevent, timeout time.Duration) (int, error) {
			if len(fetched) < len(events) {
				fetched = make([]rawKevent, len(events))
			}
			return callKevent(kq, changes, events, fetched[:len(events)], timeout)
		},
		close: unix.Close,
		pipe:  wakePipeOpener,
	})
}

// callKevent translates at most two changes, and the events that come back through raw.
func callKevent(kq int, changes, events []kevent, raw []rawKevent, timeout time.Duration) (int, error) {
	var applied [2]rawKevent // not shared: changes come from wake too
	for i, c := range changes {
		applied[i].set(c)
	}
	n, err := unix.Kevent(kq, views(applied[:len(changes)]), views(raw), keventTimeout(timeout))
	if err != nil {
		return 0, err
	}
	for i := range raw[:n] {
		events[i] = raw[i].get()
	}
	return n, nil
}

// macOS says EINVAL for very long timeouts; an early end is allowed.
const longestTimeout = 1e6 * time.Second

func keventTimeout(timeout time.Duration) *unix.Timespec {
	if timeout < 0 {
		return nil
	}
	ts := unix.NsecToTimespec(int64(min(timeout, longestTimeout)))
	return &ts
}

// rawKevent is the memory of a unix.Kevent_t, typed without pointers: its Udata is a *byte on most systems, and a token in there
// would be taken for a bad pointer by the garbage collector.
type rawKevent [unsafe.Sizeof(unix.Kevent_t{}) / unsafe.Sizeof(uintptr(0))]uintptr

func (raw *rawKevent) view() *unix.Kevent_t { return (*unix.Kevent_t)(unsafe.Pointer(raw)) }
func (raw *rawKevent) udata() *uintptr      { return (*uintptr)(unsafe.Pointer(&raw.view().Udata)) }

func views(raw []rawKevent) []unix.Kevent_t {
	if len(raw) == 0 {
		return nil
	}
	return unsafe.Slice(raw[0].view(), len(raw))
}

func (raw *rawKevent) set(e kevent) {
	v := raw.view()
	unix.SetKevent(v, e.ident, systemFilters[e.filter], int(e.flags))
	v.Fflags = e.fflags
	*raw.udata() = packToken(e.udata)
}

func (raw *rawKevent) get() kevent {
	v := raw.view()
	e := kevent{ident: int(v.Ident), flags: uint16(v.Flags), fflags: v.Fflags, data: v.Data, udata: unpackToken(*raw.udata())}
	for f, number := range systemFilters {
		if int(v.Filter) == number {
			e.filter = filter(f)
		}
	}
	return e
}

// The registry keeps indexes and generations small enough for this on 32-bit machines, and on 64-bit ones indexBits is 32.
func packToken(t token) uintptr {
	return uintptr(t.index()) | uintptr(t.generation())<<indexBits
}

func unpackToken(word uintptr) token {
	return makeToken(uint32(word&maxEntries), uint32(word>>indexBits))
}
