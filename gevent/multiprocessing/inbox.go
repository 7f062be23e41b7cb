package multiprocessing

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"syscall"
)

// What stands before a message: its length in four bytes, the highest first. Two values are no lengths.
const (
	longMark   = math.MaxUint32     // the length follows in eight bytes
	handleMark = math.MaxUint32 - 1 // how many descriptors come with the message follows in four bytes, then its length
	maxShort   = math.MaxInt32      // the longest message with a short length, as in Python
	maxHead    = 4 + 4 + 4 + 8
	maxHandles = 253 // what Linux takes at once
)

// An inbox is what has been read of messages that nobody has received yet. Every step leaves it in order: a greenlet
// may be gone after any of them.
type inbox struct {
	limit int64
	*block
	from, to int    // the part of the block that is filled
	size     int64  // of the message under way, unknown before its length has come
	handles  int    // how many descriptors it brings
	long     []byte // what has come of a message that does not fit into a block
	borrowed bool   // long is the caller's memory
	files    []int  // descriptors that have come, for the messages to come
	err      error  // there is nothing more
}

const (
	unknown = -1
	noSize  = -2
)

// A block is lent to an inbox while there is something in it: who only waits has none.
type block struct {
	bytes  [8 << 10]byte
	rights [rightsSize]byte
	envelope
}

var blocks = sync.Pool{New: func() any { return new(block) }}

// has reports whether a receiver would find something without asking the system.
func (in *inbox) has() bool { return in.err != nil || in.whole() }

// whole reports whether a message is in the block.
func (in *inbox) whole() bool {
	if in.block == nil {
		return false
	}
	size, head := in.size, 0
	if size == unknown {
		_, size, head = parse(in.bytes[in.from:in.to])
	}
	return size != unknown && int64(in.to-in.from-head) >= size
}

// parse reads what stands before a message. size is unknown if it is not all there, and noSize if it is none.
func parse(b []byte) (handles int, size int64, head int) {
	if len(b) >= 8 && binary.BigEndian.Uint32(b) == handleMark {
		handles, head = int(binary.BigEndian.Uint32(b[4:])), 8
		b = b[8:]
	}
	if len(b) < 4 {
		return 0, unknown, 0
	}
	switch n := binary.BigEndian.Uint32(b); {
	case n == handleMark && head == 0:
		return 0, unknown, 0
	case n == handleMark:
		return 0, noSize, 0
	case n != longMark:
		return handles, int64(n), head + 4
	case len(b) < 12:
		return 0, unknown, 0
	}
	size = int64(binary.BigEndian.Uint64(b[4:]))
	if size < 0 {
		size = noSize
	}
	return handles, size, head + 12
}

// next returns the next message. It is called by who has the turn.
func (c *Connection) next(offered []byte) (m message, err error) {
	in := &c.in
	for {
		if in.block != nil && in.size == unknown {
			var head int
			in.handles, in.size, head = parse(in.bytes[in.from:in.to])
			in.from += head
		}
		switch there := int64(in.to - in.from); {
		case in.size == unknown: // read on
		case in.size == noSize || in.size > in.limit || in.handles > maxHandles:
			in.err = ErrTooLarge
		case in.long == nil && there >= in.size:
			m.bytes, m.lent = in.blockPart(int(in.size)), true
			return in.complete(m)
		case in.long == nil && in.size > int64(len(in.bytes)):
			in.long, in.borrowed = offered[:0], int64(len(offered)) >= in.size
			if !in.borrowed {
				in.long = make([]byte, 0, min(in.size, firstPart))
			}
			in.long = append(in.long, in.blockPart(in.to-in.from)...)
			in.putBack()
			continue
		case int64(len(in.long)) == in.size:
			m.bytes, in.long, in.borrowed = in.long, nil, false
			return in.complete(m)
		}
		if in.err != nil {
			return message{}, in.err
		}
		if err := c.raw.Read(c.pull); err != nil {
			return message{}, plain(err)
		}
	}
}

// keep makes what has come of a message ours, when the one whose memory it is in goes.
func (in *inbox) keep() {
	if in.borrowed {
		in.long, in.borrowed = append(make([]byte, 0, min(in.size, max(firstPart, int64(len(in.long))))), in.long...), false
	}
}

// firstPart is how much room a long message gets before more of it has come: its length may be anything.
const firstPart = 1 << 20

func (in *inbox) blockPart(size int) []byte {
	if in.block == nil { // a message without bytes, after one that filled the block, or of which only the length has come
		return nil
	}
	b := in.bytes[in.from : in.from+size]
	in.from += size
	return b
}

// complete adds the descriptors to a message whose bytes have come.
func (in *inbox) complete(m message) (message, error) {
	if len(in.files) < in.handles {
		in.err = errLost
		return message{}, in.err
	}
	if in.handles > 0 {
		m.files = slices.Clone(in.files[:in.handles])
		in.files = slices.Delete(in.files, 0, in.handles)
	}
	in.size, in.handles = unknown, 0
	return m, nil
}

// tryRead reads what has come, and reports false if that is nothing. It never takes bytes of the message after a long
// one.
func (c *Connection) tryRead(sysfd uintptr) (done bool) {
	in := &c.in
	var n int
	var files []int
	var lost bool
	var err error
	if in.long != nil {
		if len(in.long) == cap(in.long) {
			in.long = slices.Grow(in.long, int(min(in.size-int64(len(in.long)), int64(len(in.long)))))
		}
		room := in.long[len(in.long):min(int64(cap(in.long)), in.size)]
		n, err = sysRead(int(sysfd), room[:min(len(room), maxOnce)])
	} else {
		room := in.room()
		if c.bare { // descriptors that come nevertheless are dropped by the system
			n, err = sysRead(int(sysfd), room)
		} else {
			n, files, lost, err = sysReceive(int(sysfd), in.block, room)
		}
	}
	in.files = append(in.files, files...)
	switch {
	case err == syscall.EAGAIN:
		in.putBack()
		return false
	case err == syscall.EINTR:
	case err == syscall.ECONNRESET, err == nil && n == 0: // reset: the other end was closed with something unread
		in.err = io.EOF
		if in.size != unknown || in.from != in.to {
			in.err = io.ErrUnexpectedEOF
		}
	case err != nil:
		in.err = fmt.Errorf("mp: receive: %w", err)
	case lost:
		in.err = errLost
	case in.long != nil:
		in.long = in.long[:len(in.long)+n]
	default:
		in.to += n
	}
	return true
}

// maxOnce bounds one system call, so that others run while a long message is on its way.
const maxOnce = 1 << 20

// room returns the free part of the block, which is not empty: a message that fits into a block is moved to its
// beginning.
func (in *inbox) room() []byte {
	switch {
	case in.block == nil:
		in.block = blocks.Get().(*block)
	case in.from == in.to:
		in.from, in.to = 0, 0
	case in.from > 0:
		in.to = copy(in.bytes[:], in.bytes[in.from:in.to])
		in.from = 0
	}
	return in.bytes[in.to:]
}

// putBack gives the block back if there is nothing in it.
func (in *inbox) putBack() {
	if in.block != nil && in.from == in.to {
		blocks.Put(in.block)
		in.block, in.from, in.to = nil, 0, 0
	}
}

// discard drops all that nobody has received.
func (in *inbox) discard() {
	in.from, in.to, in.long = 0, 0, nil
	in.putBack()
	closeFiles(in.files)
	in.files = nil
}

func closeFiles(sysfds []int) {
	for _, sysfd := range sysfds {
		if sysfd >= 0 {
			_ = sysClose(sysfd) // nobody has it but us
		}
	}
}
