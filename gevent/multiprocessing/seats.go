package multiprocessing

import (
	"sync/atomic"
	"unsafe"
)

// A seat is a process at a region, and how many of something it has. Both are zero if nobody sits there.
type seat struct {
	of    atomic.Uint64
	count atomic.Int64
}

// seats are all seats of a region. They are used within the latch only.
type seats []seat

// maxSeats is how many processes may have something of a region at a time.
const maxSeats = 1000

// seatsAt returns the seats that begin at an offset of a region, maxSeats of them.
func seatsAt(r *region, offset int) seats {
	return unsafe.Slice(at[seat](r, offset), maxSeats)
}

// sizeOfSeats is the room that they need.
const sizeOfSeats = maxSeats * int(unsafe.Sizeof(seat{}))

// mine returns this process's seat, taken if it has none, nil if there is none left. What process sits at a seat says
// its count: one of zero is free for others.
func (s seats) mine() *seat {
	id := uint64(me())
	var free *seat
	for i := range s {
		switch st := &s[i]; {
		case st.of.Load() == id:
			return st
		case st.count.Load() == 0:
			if free == nil {
				free = st
			}
			if st.of.Load() == 0 { // nobody has ever sat here or behind
				free.of.Store(id)
				return free
			}
		}
	}
	if free != nil {
		free.of.Store(id)
	}
	return free
}

// of returns the seat of a process, nil if it has none.
func (s seats) of(id identity) *seat {
	for i := range s {
		switch st := &s[i]; st.of.Load() {
		case uint64(id):
			return st
		case 0:
			return nil
		}
	}
	return nil
}

// taken appends the processes that have something.
func (s seats) taken(list []identity) []identity {
	for i := range s {
		st := &s[i]
		if st.of.Load() == 0 {
			break
		}
		if st.count.Load() != 0 {
			list = append(list, identity(st.of.Load()))
		}
	}
	return list
}

// sum is what all have together.
func (s seats) sum() (n int64) {
	for i := range s {
		st := &s[i]
		if st.of.Load() == 0 {
			break
		}
		n += st.count.Load()
	}
	return n
}
