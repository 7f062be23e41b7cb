package multiprocessing

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// A ring is the items of a queue, as bytes in a region. All is used within the latch only, except what a mark keeps
// others from.
//
// What changes is in a ledger, of which there are two: a change is made in the one that is not valid, and the store that
// makes that the valid one makes the whole change. So a process that is killed has changed all or nothing.
type ring struct{ r *region }

// A ringState is what is shared of a queue beside its items.
type ringState struct {
	max      int64       // how many items it may hold, 0 for any number
	limit    uint64      // how many bytes, a power of two
	ownCodec atomic.Bool // items are encoded by functions that do not travel

	// Who copies an item that is too large to be copied within the latch: the writer to behind the tail, the reader from
	// the head. While there is one nobody else puts, or gets. Who makes the ring larger or smaller is both.
	writer, reader atomic.Uint64

	putters precedence
	crowded atomic.Bool // somebody waits for bytes to become free
	valid   atomic.Uint32
	ledgers [2]ledger
}

// A ledger is the state of a ring at one moment.
type ledger struct {
	head, tail uint64 // positions of bytes, modulo capacity their places; they only grow while there is an item
	capacity   uint64 // a power of two
	length     uint64 // of the memory behind; the file may be longer
	items      int64

	// Of a JoinableQueue alone.
	unfinished int64
	rounds     int64    // how often unfinished became 0
	lost       int64    // items in the hands of processes that died
	fallen     identity // the last of these
	seat       int64    // whose count this ledger changes, from 1 on
	count      int64    // to what
}

const (
	firstCapacity = 64 << 10
	ringSeats     = 4 << 10 // where the seats are, and behind them the bytes
	ringBytes     = ringSeats + (sizeOfSeats+4<<10-1)&^(4<<10-1)

	// ringReserve is the address space of a queue. Its items may need 16 GiB of that at most, or 256 MiB where addresses
	// have 32 bits.
	ringReserve = headerSize + ringBytes + 256<<20<<(^uint(0)>>63*6)

	// maxWithin is how many bytes are copied within the latch: that takes a microsecond or two.
	maxWithin = 16 << 10
)

func newRing(kind kind, max int) (ring, error) {
	r, err := newRegion(kind, ringBytes+firstCapacity, ringReserve)
	if err != nil {
		return ring{}, err
	}
	g := ring{r}
	s := g.state()
	s.max, s.limit = int64(max), 1<<(bits.Len64(g.reserved())-1)
	s.ledgers[0].capacity, s.ledgers[0].length = firstCapacity, firstCapacity
	return g, nil
}

// reserved is how many bytes there is address space for.
func (g ring) reserved() uint64 { return uint64(len(g.r.memory) - headerSize - ringBytes) }

func (g ring) state() *ringState { return at[ringState](g.r, 0) }

func (g ring) seats() seats { return seatsAt(g.r, ringSeats) }

// ledger returns the valid ledger, and has the seat changed that it changes, again and again: whoever made it valid may
// have died before that.
func (g ring) ledger() *ledger {
	s := g.state()
	l := &s.ledgers[s.valid.Load()]
	if l.seat != 0 {
		g.seats()[l.seat-1].count.Store(l.count)
	}
	return l
}

// look returns the state as it is just now.
func (g ring) look() ledger {
	g.r.enter()
	defer g.r.leave()
	return *g.ledger()
}

// lost returns how many items are lost, as it is just now. It needs no latch, which one may have to park for: it is for
// what is being decoded. A ledger does not change while it is valid.
func (s *ringState) lost() int64 {
	for {
		valid := s.valid.Load()
		if n := s.ledgers[valid].lost; s.valid.Load() == valid {
			return n
		}
	}
}

// draft returns the other ledger, made the same as the valid one.
func (s *ringState) draft() *ledger {
	valid := s.valid.Load()
	d := &s.ledgers[1-valid]
	*d = s.ledgers[valid]
	return d
}

// commit makes the draft valid.
func (s *ringState) commit() { s.valid.Store(1 - s.valid.Load()) }

// full reports whether there are as many items as there may be.
func (s *ringState) full(l *ledger) bool { return s.max > 0 && l.items >= s.max }

// fallen takes note that a process has ended.
func (s *ringState) fallen(id identity) {
	s.writer.CompareAndSwap(uint64(id), 0)
	s.reader.CompareAndSwap(uint64(id), 0)
}

// holders appends who copies.
func (s *ringState) holders(list []identity) []identity {
	for _, mark := range []*atomic.Uint64{&s.writer, &s.reader} {
		if id := mark.Load(); id != 0 {
			list = append(list, identity(id))
		}
	}
	return list
}

// word is the size of what an item begins with: how many bytes it has. They follow, in whole words.
const word = 8

func roomOf(bytes int) uint64 { return word + (uint64(bytes)+word-1)&^(word-1) }

// bytes returns n bytes of the memory.
func (g ring) bytes(from, n uint64) []byte {
	return unsafe.Slice(at[byte](g.r, ringBytes), g.reserved())[from : from+n]
}

func (g ring) size(position, capacity uint64) *uint64 {
	return at[uint64](g.r, ringBytes+int(position&(capacity-1)))
}

// write writes an item at a position.
func (g ring) write(item []byte, position, capacity uint64) {
	*g.size(position, capacity) = uint64(len(item))
	from := (position + word) & (capacity - 1)
	n := copy(g.bytes(from, capacity-from), item)
	copy(g.bytes(0, capacity), item[n:])
}

// read fills b with what is at a position.
func (g ring) read(b []byte, position, capacity uint64) {
	from := position & (capacity - 1)
	n := copy(b, g.bytes(from, capacity-from))
	copy(b[n:], g.bytes(0, capacity))
}
