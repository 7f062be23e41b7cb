package multiprocessing

import (
	"encoding/binary"
	"math"
	"sync/atomic"
	"time"
	"unsafe"
)

// A journal is memory that a worker shares with its parent, so that nothing is lost when the worker dies, at whatever
// instant, and yet no message is needed for each call.
//
// For each chunk in the worker's hands it has a word: the chunk's number, how many of its calls may be begun, and how
// many were. The worker begins a call by counting it there; the parent takes calls back by lowering the limit. Both
// compare and swap, so each call is begun by one of them at the most.
//
// The outcomes are records that the worker appends, and then sends, many in one message. Those that it has not sent the
// parent finds here. A call that was begun and has no record is the one that the worker died of.
//
// While the worker lives the parent may look at them, too: so it learns of calls whose outcome waits for that of a long
// one. The worker's changes of what is there already, as opposed to what it appends, are between two steps of the epoch.
type journal struct {
	memory []byte
	used   int       // how long the records are; worker only, like what follows
	opened int       // where the record of manyResults begins that is not finished, plus one
	since  time.Time // when the calls began that are not in busy yet
}

const (
	journalSize  = 64 << 10
	journalHead  = 16 * 8    // the words of the slots, those after them, and some that are free
	maxChunk     = 1<<20 - 1 // calls
	numberMask   = 1<<24 - 1
	limitShift   = 20
	numberShift  = 40
	recordHead   = 18
	kindAt       = 9
	recordSizeAt = 10
)

// The first byte of a worker's messages.
const (
	saysRecords = iota // records follow; it is the first byte of each
	saysReady
	saysFailed // an error of the initializer follows
)

func newJournalAt(memory []byte) *journal { return &journal{memory: memory} }

func (j *journal) word(slot int) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&j.memory[8*slot]))
}

// The words after those of the slots.
func (j *journal) length() *atomic.Uint64 { return j.word(inHands) }     // of the records
func (j *journal) epoch() *atomic.Uint64  { return j.word(inHands + 1) } // odd while records change
func (j *journal) wanted() *atomic.Uint64 { return j.word(inHands + 2) } // 1: send the records after the next call
func (j *journal) busy() *atomic.Uint64   { return j.word(inHands + 3) } // nanoseconds of the calls
func (j *journal) open() *atomic.Uint64   { return j.word(inHands + 4) } // the record that is not finished, see start

// The kinds of records.
const (
	oneResult = iota
	oneError
	manyResults // of calls that follow one another, each as long as the others; of unknown length if it is the last one
)

const unfinished = math.MaxUint64

// offer lets the worker begin n calls of a chunk. Parent only.
func (j *journal) offer(slot int, number uint32, n int) {
	j.word(slot).Store(uint64(number)<<numberShift | uint64(n)<<limitShift)
}

// look returns how many calls of the chunk in a slot may be begun, and how many were.
func (j *journal) look(slot int) (limit, begun int) {
	w := j.word(slot).Load()
	return int(w >> limitShift & maxChunk), int(w & maxChunk)
}

// cut takes back up to n calls that were not begun, from the end, and returns how many. Parent only.
func (j *journal) cut(slot, n int) int {
	for w := j.word(slot); ; {
		was := w.Load()
		limit, begun := int(was>>limitShift&maxChunk), int(was&maxChunk)
		n = max(min(n, limit-begun), 0)
		if w.CompareAndSwap(was, was-uint64(n)<<limitShift) {
			return n
		}
	}
}

// begin counts one more call of a chunk, and returns its position there, unless there is none. Worker only.
func (j *journal) begin(slot int, number uint32) (index int, ok bool) {
	for w := j.word(slot); ; {
		was := w.Load()
		limit, begun := int(was>>limitShift&maxChunk), int(was&maxChunk)
		if uint32(was>>numberShift) != number || begun >= limit {
			return 0, false
		}
		if w.CompareAndSwap(was, was+1) {
			return begun, true
		}
	}
}

// records returns those that are there. In one that is not finished each call has a result but the last that was begun.
// Parent only.
func (j *journal) records() []byte {
	room := j.memory[journalHead:]
	n := min(int(j.length().Load()), len(room))
	if o := j.open().Load(); o > 0 {
		at, slot, size := int(o&math.MaxUint32)-1, o>>32&(1<<8-1), int(o>>40)
		word := j.word(int(slot)).Load()
		r, _, ok := parseRecord(room[at:n])
		if ok && uint32(word>>numberShift) == r.number {
			done := int(word&maxChunk) - 1 - r.index
			n = max(n, min(at+recordHead+done*size, len(room)))
		}
	}
	return room[:n]
}

// peek returns a copy of them, made in b, unless the worker changes them at this moment. Parent only.
func (j *journal) peek(b []byte) (records []byte, ok bool) {
	epoch := j.epoch()
	e := epoch.Load()
	if e%2 == 1 {
		return b, false
	}
	b = append(b[:0], j.records()...)
	return b, epoch.CompareAndSwap(e, e) // which, unlike Load, nothing before it is done after
}

// room returns where the next record may be made. Worker only.
func (j *journal) room() []byte {
	end := journalHead + j.used
	return j.memory[end:end:len(j.memory)]
}

func (j *journal) setUsed(n int) {
	j.used = n
	j.length().Store(uint64(n))
}

// put appends a record, which may have been made there. It reports whether there was room.
func (j *journal) put(record []byte) bool {
	j.finish()
	room := j.room()
	if len(record) > cap(room) {
		return false
	}
	copy(room[:len(record)], record) // onto itself, if it was made there
	j.setUsed(j.used + len(record))
	return true
}

// start begins a record of manyResults, of which the first is that of call index of the chunk in a slot. It reports
// whether there was room for one of that size.
func (j *journal) start(slot int, number uint32, index, size int) bool {
	if cap(j.room()) < recordHead+size {
		return false
	}
	j.epoch().Add(1)
	b := startRecord(j.room(), manyResults, number, index)
	binary.BigEndian.PutUint64(b[recordSizeAt:], unfinished)
	j.opened = j.used + 1
	j.setUsed(j.used + recordHead)
	j.open().Store(uint64(j.opened) | uint64(slot)<<32 | uint64(size)<<40)
	j.epoch().Add(1)
	return true
}

// extend adds one result, which was made in the room. The parent knows of it when the next call is begun, or when the
// record is finished, so this need not tell.
func (j *journal) extend(size int) { j.used += size }

// finish ends the record of manyResults, if there is one. The worker may die after each step of it.
func (j *journal) finish() {
	if j.opened > 0 {
		j.epoch().Add(1)
		j.setUsed(j.used)
		finishRecord(j.memory[journalHead+j.opened-1 : journalHead+j.used])
		j.open().Store(0)
		j.epoch().Add(1)
		j.opened = 0
	}
}

// flush sends the records. Parks.
func (j *journal) flush(c *Connection) error {
	now := time.Now()
	j.busy().Add(uint64(now.Sub(j.since)))
	j.since = now
	j.finish()
	if j.used == 0 {
		return nil
	}
	if err := c.SendBytes(j.memory[journalHead : journalHead+j.used]); err != nil {
		return err
	}
	j.epoch().Add(1)
	j.setUsed(0)
	j.epoch().Add(1)
	return nil
}

// A poolRecord is the outcome of calls: saysRecords, the chunk's number in four bytes, the position in the chunk of the
// first call in four, the kind in one, the length of the rest in eight, and the results or the error.
type poolRecord struct {
	number uint32
	index  int
	kind   byte
	body   []byte
}

// startRecord appends all but the length and what comes after it.
func startRecord(b []byte, kind byte, number uint32, index int) []byte {
	b = append(b, saysRecords)
	b = binary.BigEndian.AppendUint32(b, number)
	b = binary.BigEndian.AppendUint32(b, uint32(index))
	return append(b, kind, 0, 0, 0, 0, 0, 0, 0, 0)
}

func finishRecord(b []byte) {
	binary.BigEndian.PutUint64(b[recordSizeAt:], uint64(len(b)-recordHead))
}

func parseRecord(b []byte) (r poolRecord, rest []byte, ok bool) {
	if len(b) < recordHead {
		return r, nil, false
	}
	size := binary.BigEndian.Uint64(b[recordSizeAt:])
	if size == unfinished {
		size = uint64(len(b) - recordHead)
	}
	if size > uint64(len(b)-recordHead) {
		return r, nil, false
	}
	end := recordHead + size
	return poolRecord{
		binary.BigEndian.Uint32(b[1:]), int(binary.BigEndian.Uint32(b[5:])), b[kindAt], b[recordHead:end],
	}, b[end:], true
}
