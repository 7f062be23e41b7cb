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
	open   int       // where the record of manyResults begins that is not finished, plus one
	since  time.Time // when the calls began that are not in busy yet
}

const (
	journalSize  = 64 << 10
	journalHead  = 8 * 8     // the words of the slots, and those after them
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
func (j *journal) wanted() *atomic.Uint64 { return j.word(inHands + 2) } // 1 if the records shall be sent after the next call
func (j *journal) busy() *atomic.Uint64   { return j.word(inHands + 3) } // nanoseconds of the calls

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

// records returns those that are there.
func (j *journal) records() []byte {
	n := min(j.length().Load(), uint64(len(j.memory)-journalHead))
	return j.memory[journalHead : journalHead+n]
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

// start begins a record of manyResults, of which the first is that of call index. It reports whether there was room for
// one of that size.
func (j *journal) start(number uint32, index, size int) bool {
	if cap(j.room()) < recordHead+size {
		return false
	}
	b := startRecord(j.room(), manyResults, number, index)
	binary.BigEndian.PutUint64(b[recordSizeAt:], unfinished)
	j.open = j.used + 1
	j.setUsed(j.used + recordHead)
	return true
}

// extend adds one result, which was made in the room.
func (j *journal) extend(size int) { j.setUsed(j.used + size) }

// finish ends the record of manyResults, if there is one.
func (j *journal) finish() {
	if j.open > 0 {
		j.epoch().Add(1)
		finishRecord(j.memory[journalHead+j.open-1 : journalHead+j.used])
		j.epoch().Add(1)
		j.open = 0
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
