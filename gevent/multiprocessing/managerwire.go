package multiprocessing

import (
	"encoding/binary"
)

// Between a manager and its clients go messages of a Connection, each of which is a request, an answer or a note.
//
//	request  number, object, operation, arguments
//	answer   number, status, result
//
// Numbers are varints, byte strings have their length in front. The client numbers its requests from 1; what has the
// number 0 is a note, which has no answer. The object 0 is the manager itself.
type managerOp byte

// What the manager itself does.
const (
	opCreate  managerOp = iota + 1 // kind, name, type, arguments → object
	opDrop                         // object
	opCancel                       // number; a note: nobody waits for the answer of that request any more
	opConfirm                      // number; a note: what that request took has arrived
	opReject                       // number; a note: it has arrived, and there is nobody for it
)

// What the objects do, each kind some of it.
const (
	opDictGet managerOp = iota + 32
	opDictSet
	opDictDelete
	opDictHas
	opDictLen
	opDictKeys
	opDictValues
	opDictItems
	opDictPop
	opDictSetDefault
	opDictUpdate
	opDictClear
	opDictAdd
	opDictSwap

	opListAppend
	opListGet
	opListSet
	opListInsert
	opListPop
	opListLen
	opListSlice
	opListClear

	opQueuePut
	opQueueGet
	opQueueLen
	opQueueFull

	opLockAcquire
	opLockRelease
	opLockUndo
	opLockLocked

	opSemaphoreAcquire
	opSemaphoreRelease
	opSemaphoreValue

	opEventSet
	opEventClear
	opEventIsSet
	opEventWait

	opBarrierWait
	opBarrierAbort
	opBarrierReset
	opBarrierBroken
	opBarrierWaiting

	opConditionWait
	opConditionStop // waiting for a notification, of the call with that number; a note
	opConditionUndo
	opConditionNotify
	opConditionPassOn // a notification, or the news of a death, that came for one who is gone; a note

	opMethod
)

// What the manager tells all its clients, in place of the number and the status of an answer.
const (
	noteHello    managerStatus = iota // the first message: the limit
	noteFarewell                      // it shuts down
)

// A managerStatus says what an answer is; from statusKnown on it is an error of wireErrors.
type managerStatus byte

const (
	statusDone managerStatus = iota
	statusNothing
	statusError
	statusKnown
)

// A fieldReader takes what a message has apart. After anything that is not there it is bad, and all else is zero.
type fieldReader struct {
	rest []byte
	bad  bool
}

func (f *fieldReader) uint() uint64 {
	n, size := binary.Uvarint(f.rest)
	if size <= 0 {
		f.bad, f.rest = true, nil
		return 0
	}
	f.rest = f.rest[size:]
	return n
}

func (f *fieldReader) int() int {
	n, size := binary.Varint(f.rest)
	if size <= 0 {
		f.bad, f.rest = true, nil
		return 0
	}
	f.rest = f.rest[size:]
	return int(n)
}

func (f *fieldReader) byte() byte {
	if len(f.rest) == 0 {
		f.bad = true
		return 0
	}
	b := f.rest[0]
	f.rest = f.rest[1:]
	return b
}

func (f *fieldReader) flag() bool { return f.byte() == 1 }

// bytes returns a part of the message, which is valid as long as that is.
func (f *fieldReader) bytes() []byte {
	n := f.uint()
	if n > uint64(len(f.rest)) {
		f.bad, f.rest = true, nil
		return nil
	}
	b := f.rest[:n:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fieldReader) string() string { return string(f.bytes()) }

// count returns how many elements follow, of which each takes a byte at least.
func (f *fieldReader) count() int {
	n := f.uint()
	if n > uint64(len(f.rest)) {
		f.bad, f.rest = true, nil
		return 0
	}
	return int(n)
}

// done reports whether all was there and nothing is left.
func (f *fieldReader) done() bool { return !f.bad && len(f.rest) == 0 }

func appendUint[N ~int | ~uint64](b []byte, n N) []byte { return binary.AppendUvarint(b, uint64(n)) }
func appendInt(b []byte, n int) []byte                  { return binary.AppendVarint(b, int64(n)) }

func appendBytes[B []byte | string](b []byte, v B) []byte {
	return append(appendUint(b, len(v)), v...)
}

func appendFlag(b []byte, on bool) []byte {
	if on {
		return append(b, 1)
	}
	return append(b, 0)
}
