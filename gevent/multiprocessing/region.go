package multiprocessing

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"greenloop/gevent"
)

// A region is a piece of memory that processes share, and what they need to use it together: a latch, which is held for
// a few instructions by who looks at the memory or changes it, and a bell, which wakes those who wait for a change. All
// that is shared here (locks, queues, values …) is a region with something of its own behind the header.
//
// A process may be killed at any instruction, also of those within the latch. So what is in a region is changed in steps
// after each of which it is valid, with one store that makes the change true; and the bell is rung before that store,
// within the latch: whoever is woken enters the latch, and finds the change made, or the one who was to make it dead.
// Nobody is woken by a change alone.
//
// A region belongs to one hub. It is given back when nobody holds it any more.
type region struct {
	hub       *gevent.Hub
	kind      kind
	memory    []byte // all that is reserved; there is as much behind it as the file is long
	file      *os.File
	bell      bell
	users     int // handles of this process
	pins      int // who uses the memory just now, even if it is closed meanwhile
	waiting   []*waiter
	late      int         // greenlets that wait for the latch
	heard     *bells      // have the bell among their sources
	turn      gevent.Lock // of those in this process that wait for the same thing
	putTurn   gevent.Lock // of those that wait to put, into a queue
	shrinking bool        // a greenlet gives its memory back
	calls     int         // that go on, though nobody may be waiting just now
	cleanup   runtime.Cleanup
}

// A header is what is at the beginning of every region.
type header struct {
	kind  kind
	_     uint32
	key   uint64        // of no other region
	latch atomic.Uint64 // who is within, an identity
	asked atomic.Uint64 // how often somebody was about to wait
	rung  atomic.Uint64 // up to which of them the bell was rung
	_     [3]uint64
}

// headerSize is where the memory begins that is not the region's own.
const headerSize = int(unsafe.Sizeof(header{}))

// A kind is what a region is used for.
type kind uint32

const (
	lockKind kind = iota + 1
	valueKind
	arrayKind
	counterKind
	queueKind
	joinableQueueKind
	simpleQueueKind
	rlockKind
	semaphoreKind
	boundedSemaphoreKind
	eventKind
	conditionKind
	barrierKind
)

var kindNames = [...]string{
	lockKind: "Lock", valueKind: "Value", arrayKind: "Array", counterKind: "Counter", queueKind: "Queue",
	joinableQueueKind: "JoinableQueue", simpleQueueKind: "SimpleQueue", rlockKind: "RLock", semaphoreKind: "Semaphore",
	boundedSemaphoreKind: "BoundedSemaphore", eventKind: "Event", conditionKind: "Condition", barrierKind: "Barrier",
}

func (k kind) String() string { return kindNames[k] }

// serves reports whether a region of this kind can be used as one of the other: what begins with a lock, as a lock.
func (k kind) serves(other kind) bool {
	return k == other || other == lockKind && (k == valueKind || k == arrayKind)
}

// newRegion returns a region with size bytes behind the header, all zero. There is address space for reserve bytes in
// all, if that is more, see grow.
func newRegion(kind kind, size, reserve int) (*region, error) {
	if !supported {
		return nil, fmt.Errorf("mp: shared memory: %w", errors.ErrUnsupported)
	}
	hub := hubOf("a new shared object")
	file, err := newMemory(int64(headerSize + size))
	if err != nil {
		return nil, err
	}
	r := &region{hub: hub, kind: kind, file: file, users: 1}
	if r.memory, err = mapMemory(file, headerSize+size, reserve); err != nil {
		file.Close()
		return nil, err
	}
	if r.bell, err = newBell(); err != nil {
		unmapMemory(r.memory)
		file.Close()
		return nil, err
	}
	h := r.header()
	h.kind, h.key = kind, rand.Uint64()
	r.register()
	return r, nil
}

func hubOf(what string) *gevent.Hub {
	hub := gevent.GetHub()
	if hub == nil {
		panic("mp: " + what + " outside a hub: call it inside gevent.Run")
	}
	return hub
}

func (r *region) header() *header { return (*header)(unsafe.Pointer(unsafe.SliceData(r.memory))) }

// at returns what is at an offset behind the header. It keeps no region alive: whoever uses it must do that, which
// whoever leaves the latch afterwards does.
func at[T any](r *region, offset int) *T {
	return (*T)(unsafe.Pointer(&r.memory[headerSize+offset]))
}

func sizeOf[T any]() int { return int(unsafe.Sizeof(*new(T))) }

// regions are those of this process: what arrives twice is one.
var regions = struct {
	sync.Mutex
	known map[regionKey]weak.Pointer[region]
}{known: map[regionKey]weak.Pointer[region]{}}

type regionKey struct {
	hub *gevent.Hub
	key uint64
}

// remains are what is to be given back of a region.
type remains struct {
	name   regionKey
	self   weak.Pointer[region]
	file   *os.File
	bell   bell
	memory []byte
}

func (r *region) register() {
	m := remains{regionKey{r.hub, r.header().key}, weak.Make(r), r.file, r.bell, r.memory}
	regions.Lock()
	regions.known[m.name] = m.self
	regions.Unlock()
	r.cleanup = runtime.AddCleanup(r, remains.giveBack, m)
}

func (m remains) giveBack() {
	regions.Lock()
	if regions.known[m.name] == m.self {
		delete(regions.known, m.name)
	}
	regions.Unlock()
	m.forget()
	unmapMemory(m.memory)
	m.file.Close()
	m.bell.close()
}

// close gives the region back, if this was the last handle of this process.
func (r *region) close() {
	r.users--
	r.giveBack()
}

// pin keeps the memory until unpin, whoever closes the region meanwhile.
func (r *region) pin() { r.pins++ }

func (r *region) unpin() {
	r.pins--
	r.giveBack()
}

func (r *region) giveBack() {
	if r.users > 0 || r.pins > 0 {
		return
	}
	r.cleanup.Stop()
	name := regionKey{r.hub, r.header().key}
	remains{name, weak.Make(r), r.file, r.bell, r.memory}.giveBack()
	r.memory = nil
}

// busy reports whether a greenlet of this process is in a call that waits, or has to wait for its turn.
func (r *region) busy() bool {
	return len(r.waiting)+r.calls+r.late > 0 || r.turn.Locked() || r.putTurn.Locked()
}

// grow makes the file as long as size bytes in all, unless that is more than what was reserved. Within the latch only.
func (r *region) grow(size int) error {
	if size > len(r.memory) {
		return errFull
	}
	if err := r.file.Truncate(int64(size)); err != nil {
		return fmt.Errorf("mp: shared memory: %w", err)
	}
	return nil
}

// shared is the handle of a region, which all that is shared embeds. It is closed if it has none.
type shared struct{ r *region }

// open returns the region, or ErrClosed. It panics outside the region's hub.
func (s *shared) open() (*region, error) {
	if s.r == nil {
		return nil, ErrClosed
	}
	if gevent.GetHub() != s.r.hub {
		s.r.stray()
	}
	return s.r, nil
}

// use is open for what cannot return an error: it panics, and names the kind that it should be.
func (s *shared) use(kind kind) *region {
	r := s.anywhere(kind)
	if gevent.GetHub() != r.hub {
		r.stray()
	}
	return r
}

// anywhere is use for what is safe from any goroutine.
func (s *shared) anywhere(kind kind) *region {
	if s.r == nil {
		panic("mp: use of a " + kind.String() + " that was closed, or that New" + kind.String() + " did not make")
	}
	return s.r
}

// stray says that somebody uses the region who must not: only the hub's thread may.
func (r *region) stray() {
	panic("mp: " + r.kind.String() + " used outside its hub: call it in a greenlet of the hub that made or received it; " +
		"another goroutine asks that hub by its Post, another hub receives a handle of its own through a Pipe")
}

// again returns another handle of the same region.
func (s *shared) again() (shared, error) {
	r, err := s.open()
	if err == nil {
		r.users++
	}
	return shared{r}, err
}

// Close gives back what this process holds of it: memory and descriptors. Other processes keep theirs. It returns
// ErrClosed if that was done already, and ErrLocked while a greenlet waits for it. What is not closed is given back by
// the garbage collector. Hub thread only.
func (s *shared) Close() error {
	switch {
	case s.r == nil:
		return ErrClosed
	case s.r.users == 1 && s.r.busy():
		return ErrLocked
	}
	s.r.close()
	s.r = nil
	return nil
}

// GobEncode makes it a part of the transfer that is under way, for package gob. It is not moved but shared: it can be
// used here still.
func (s *shared) GobEncode() ([]byte, error) {
	if s.r == nil {
		return nil, ErrClosed
	}
	r := s.r
	t, err := outgoing()
	if err != nil {
		return nil, err
	}
	stays := func() {}
	memory, err := t.lend(r.file, func() (*os.File, error) { return dupOf(r.file) }, stays)
	if err != nil || !r.bell.travels() {
		return []byte{byte(memory)}, err
	}
	number, err := t.lend(r, func() (*os.File, error) { return r.bell.dup() }, stays)
	return []byte{byte(memory), byte(number)}, err
}

// arrive opens the region that has come, which must be of that kind.
func (s *shared) arrive(b []byte, kind kind, reserve int) error {
	if len(b) == 0 {
		return errWrongKind
	}
	t := transfers.current
	if t == nil {
		return errAlone
	}
	r := t.regions[b[0]]
	if r == nil {
		var err error
		if r, err = openRegion(b, reserve); err != nil {
			return err
		}
		if t.regions == nil {
			t.regions = map[byte]*region{}
		}
		t.regions[b[0]] = r
	} else {
		r.users++
	}
	s.r = r
	t.opened = append(t.opened, s)
	if !r.kind.serves(kind) {
		return errWrongKind
	}
	return nil
}

func openRegion(b []byte, reserve int) (*region, error) {
	file, err := arrivedFile(b[0], "shared memory")
	if err != nil {
		return nil, err
	}
	r := &region{hub: hubOf("a shared object that arrives"), file: file, bell: openBell(-1), users: 1}
	if len(b) > 1 {
		sysfd, _, err := arrived(int(b[1]))
		if err != nil {
			file.Close()
			return nil, err
		}
		r.bell = openBell(sysfd)
	}
	info, err := file.Stat()
	if err == nil && info.Size() < int64(headerSize) {
		err = errWrongKind
	}
	if err == nil {
		r.memory, err = mapMemory(file, int(info.Size()), reserve)
	}
	if err != nil {
		r.bell.close()
		file.Close()
		return nil, err
	}
	r.kind = r.header().kind
	regions.Lock()
	known := regions.known[regionKey{r.hub, r.header().key}].Value()
	regions.Unlock()
	if known != nil {
		unmapMemory(r.memory)
		r.bell.close()
		file.Close()
		known.users++
		return known, nil
	}
	r.register()
	return r, nil
}

func arrivedFile(number byte, name string) (*os.File, error) {
	sysfd, _, err := arrived(int(number))
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(sysfd), name), nil
}
