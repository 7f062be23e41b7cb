package multiprocessing

import (
	"slices"
	"time"
)

// A taking is to get items of a ring, as a wish.
type taking struct {
	ring   ring
	max    int    // as many at most
	joins  bool   // what is taken is to be said to be done
	b      []byte // the items, each with its size
	items  int    // how many they are
	excess bool   // the ring has memory to give back

	// If the item is to be copied outside the latch: where it is.
	room, position, capacity uint64
}

// take waits until there is an item, for no longer than d, and takes it, or several.
func (t *taking) take(d time.Duration) error {
	r := t.ring.r
	if !r.turn.Locked() {
		r.enter()
		granted := t.granted()
		r.leave()
		if granted && t.finish() {
			return nil
		}
	}
	for {
		if err := t.wait(d); err != nil {
			return err
		}
		if t.finish() {
			return nil
		}
	}
}

// wait has a copy of its own: the others need no memory of the heap.
func (t *taking) wait(d time.Duration) error {
	w := new(taking)
	*w = *t
	err := w.ring.r.awaitIn(&w.ring.r.turn, d, w)
	if err == nil {
		w.ring.r.leave()
	}
	*t = *w
	return err
}

func (t *taking) granted() bool {
	s, l := t.ring.state(), t.ring.ledger()
	if l.items == 0 || s.reader.Load() != 0 || t.joins && t.ring.mine() == nil {
		return false
	}
	most := min(cap(t.b), maxWithin)
	position := l.head
	t.items, t.room = 0, 0
	for t.b = t.b[:0]; t.items < t.max && int64(t.items) < l.items; t.items++ {
		room := roomOf(int(*t.ring.size(position, l.capacity)))
		n := len(t.b)
		if room > uint64(most-n) {
			break
		}
		t.b = t.b[:n+int(room)]
		t.ring.read(t.b[n:], position, l.capacity)
		position += room
	}
	if t.items == 0 {
		t.room = roomOf(int(*t.ring.size(position, l.capacity)))
		t.position, t.capacity = position, l.capacity
		s.reader.Store(uint64(me()))
		return true
	}
	t.commit(position)
	return true
}

// finish does what was not done within the latch. It reports false if the items are to be taken anew: all seats have
// been taken meanwhile.
func (t *taking) finish() bool {
	if t.room == 0 {
		return true
	}
	t.b = slices.Grow(t.b[:0], int(t.room))[:t.room]
	t.ring.read(t.b, t.position, t.capacity)
	r, entered := t.ring.r, false
	defer func() {
		if !entered { // killed: the item stays
			r.surely(t.unmark)
		}
	}()
	r.enter()
	entered = true
	defer r.leave()
	t.ring.ledger()
	seated := !t.joins || t.ring.mine() != nil
	if seated {
		t.items = 1
		t.commit(t.position + t.room)
	}
	t.unmark()
	return seated
}

// unmark lets others take.
func (t *taking) unmark() {
	t.ring.r.ring()
	t.ring.state().reader.Store(0)
}

// commit makes the items ours.
func (t *taking) commit(head uint64) {
	s := t.ring.state()
	d := s.draft()
	if s.full(d) || s.crowded.Load() { // else nobody waits for room
		t.ring.r.ring()
		s.crowded.Store(false)
	}
	d.head = head
	if d.items -= int64(t.items); d.items == 0 && s.writer.Load() == 0 {
		d.head, d.tail = 0, 0 // what is used all the time is in the caches
	}
	if t.joins {
		t.ring.account(d, t.ring.mine(), int64(t.items))
	}
	s.commit()
	t.excess = t.ring.ledger().excessive() // and the seat is changed
}

func (t *taking) holders(list []identity) []identity {
	if t.joins && t.ring.mine() == nil {
		list = t.ring.seats().taken(list)
	}
	return t.ring.state().holders(list)
}

func (t *taking) fallen(id identity) {
	t.ring.state().fallen(id)
	if t.joins {
		t.ring.lose(id)
	}
}

func (t *taking) withdrawn() {}
