//go:build unix

package netpoll

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// fakeKernel is a kqueue with streams in memory, written after the manual pages of FreeBSD, so that the kqueue backend is tested where
// there is none. Tests set the fields below under mu before use.
type fakeKernel struct {
	mu      sync.Mutex
	files   map[int]any   // fd to *fakeEnd or *fakeQueue
	changed chan struct{} // closed, and replaced, when a knote becomes active

	interrupts int               // so many calls of kevent still end with EINTR, after their changes
	refuse     map[noteKey]error // what EV_ADD says
	stray      []kevent          // fetched first, though nothing happened
	calls      int
}

type noteKey struct {
	ident  int
	filter filter
}

type knote struct {
	key       noteKey
	udata     token
	edge      bool
	triggered bool // user events
	active    bool // in the queue's list
}

type fakeQueue struct {
	notes  map[noteKey]*knote
	active []*knote // in order of activation
}

func newFakeKernel() *fakeKernel {
	return &fakeKernel{files: map[int]any{}, refuse: map[noteKey]error{}, changed: make(chan struct{})}
}

// system is what the kqueue backend gets; withPipe as on the BSDs that have no user events.
func (k *fakeKernel) system(withPipe bool) kqueueSystem {
	s := kqueueSystem{open: k.kqueue, kevent: k.kevent, close: k.closeFD}
	if withPipe {
		s.pipe = func() (waker, error) {
			r, w := k.streams()
			return &fakePipe{r, w}, nil
		}
	}
	return s
}

func (k *fakeKernel) kqueue() (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.install(&fakeQueue{notes: map[noteKey]*knote{}}), nil
}

// install gives file the lowest free fd.
func (k *fakeKernel) install(file any) int {
	fd := 3
	for k.files[fd] != nil {
		fd++
	}
	k.files[fd] = file
	return fd
}

func (k *fakeKernel) closeFD(fd int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.closeLocked(fd)
}

func (k *fakeKernel) closeLocked(fd int) error {
	file := k.files[fd]
	if file == nil {
		return unix.EBADF
	}
	delete(k.files, fd)
	for _, q := range k.queues() {
		q.forget(noteKey{fd, readFilter})
		q.forget(noteKey{fd, writeFilter})
	}
	if e, ok := file.(*fakeEnd); ok {
		e.closed = true
		e.peer.eof = true
		k.touch(e.peer.number, readFilter)
		k.touch(e.peer.number, writeFilter)
	}
	return nil
}

func (k *fakeKernel) queues() []*fakeQueue {
	var qs []*fakeQueue
	for _, file := range k.files {
		if q, ok := file.(*fakeQueue); ok {
			qs = append(qs, q)
		}
	}
	return qs
}

func (q *fakeQueue) forget(key noteKey) {
	if n := q.notes[key]; n != nil {
		q.active = slices.DeleteFunc(q.active, func(a *knote) bool { return a == n })
		delete(q.notes, key)
	}
}

// touch is KNOTE(9): something happened to fd that may interest a filter.
func (k *fakeKernel) touch(fd int, f filter) {
	for _, q := range k.queues() {
		if n := q.notes[noteKey{fd, f}]; n != nil {
			k.activate(q, n)
		}
	}
}

func (k *fakeKernel) activate(q *fakeQueue, n *knote) {
	if _, ready := k.look(n); !ready || n.active {
		return
	}
	n.active = true
	q.active = append(q.active, n)
	close(k.changed)
	k.changed = make(chan struct{})
}

// look asks a filter for its event.
func (k *fakeKernel) look(n *knote) (kevent, bool) {
	ev := kevent{ident: n.key.ident, filter: n.key.filter, udata: n.udata}
	if n.key.filter == userFilter {
		return ev, n.triggered
	}
	e, ok := k.files[n.key.ident].(*fakeEnd)
	if !ok {
		return ev, false
	}
	if n.key.filter == readFilter {
		ev.data = int64(len(e.pending))
		if e.eof || e.reset {
			ev.flags |= evEOF
		}
		return ev, ev.data > 0 || ev.flags&evEOF != 0
	}
	ev.data = int64(fakeCapacity - len(e.peer.pending))
	if e.peer.closed || e.shut || e.reset {
		ev.flags |= evEOF
	}
	return ev, ev.data > 0 || ev.flags&evEOF != 0
}

func (k *fakeKernel) kevent(kq int, changes, events []kevent, timeout time.Duration) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	q, ok := k.files[kq].(*fakeQueue)
	if !ok {
		return 0, unix.EBADF
	}
	if n, err := k.applyAll(q, changes, events); n > 0 || err != nil {
		return n, err
	}
	if k.interrupts > 0 {
		k.interrupts--
		return 0, unix.EINTR
	}
	if len(events) == 0 {
		return 0, nil
	}
	return k.fetch(q, events, timeout), nil
}

// applyAll reports a failed change as an event while there is room, else as the error of the call.
func (k *fakeKernel) applyAll(q *fakeQueue, changes, events []kevent) (int, error) {
	n := 0
	for _, c := range changes {
		err := k.apply(q, c)
		if err == nil {
			continue
		}
		if n == len(events) {
			return n, err
		}
		errno := err.(unix.Errno)
		events[n] = kevent{ident: c.ident, filter: c.filter, flags: evError, data: int64(errno), udata: c.udata}
		n++
	}
	return n, nil
}

func (k *fakeKernel) apply(q *fakeQueue, c kevent) error {
	key := noteKey{c.ident, c.filter}
	if c.filter != userFilter && k.files[c.ident] == nil {
		return unix.EBADF
	}
	n := q.notes[key]
	if n == nil && c.flags&evAdd == 0 {
		return unix.ENOENT
	}
	if c.flags&evDelete != 0 {
		q.forget(key)
		return nil
	}
	if c.flags&evAdd != 0 {
		if err := k.refuse[key]; err != nil {
			return err
		}
		if n == nil {
			n = &knote{key: key}
			q.notes[key] = n
		}
		n.udata, n.edge = c.udata, c.flags&evClear != 0
	}
	if c.fflags&noteTrigger != 0 {
		n.triggered = true
	}
	k.activate(q, n)
	return nil
}

func (k *fakeKernel) fetch(q *fakeQueue, events []kevent, timeout time.Duration) int {
	var expired <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		expired = timer.C
	}
	for {
		if n := k.scan(q, events); n > 0 || timeout == 0 {
			return n
		}
		changed := k.changed
		k.mu.Unlock()
		select {
		case <-changed:
			k.mu.Lock()
		case <-expired:
			k.mu.Lock()
			return 0
		}
	}
}

// scan takes active knotes, asking each filter once more: what has gone away meanwhile is not reported.
func (k *fakeKernel) scan(q *fakeQueue, events []kevent) int {
	n := copy(events, k.stray)
	k.stray = k.stray[n:]
	var still []*knote // level-triggered ones stay, behind the others
	for len(q.active) > 0 && n < len(events) {
		note := q.active[0]
		q.active = q.active[1:]
		note.active = false
		ev, ready := k.look(note)
		if !ready {
			continue
		}
		events[n] = ev
		n++
		if note.edge {
			note.triggered = false
			continue
		}
		note.active = true
		still = append(still, note)
	}
	q.active = append(q.active, still...)
	return n
}
