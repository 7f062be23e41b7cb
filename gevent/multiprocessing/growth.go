package multiprocessing

// A growth is what a ring becomes when it gets more capacity: the same memory with more behind it. What had gone on at
// the beginning, for it reached the end, is moved to behind that.
type growth struct {
	needed           bool
	head, tail       uint64
	capacity, length uint64
	before, wrapped  uint64 // the capacity there was, and how many bytes are to be moved
}

// growthTo returns the growth to a capacity of at least that.
func (l *ledger) growthTo(capacity uint64) growth {
	f := growth{needed: true, capacity: l.capacity, before: l.capacity}
	for f.capacity < capacity {
		f.capacity *= 2
	}
	f.length = max(l.length, f.capacity)
	f.head = l.head & (l.capacity - 1)
	f.tail = f.head + l.tail - l.head
	f.wrapped = max(f.tail, l.capacity) - l.capacity
	return f
}

// enter enters the growth in a ledger.
func (f *growth) enter(d *ledger) {
	if f.needed {
		d.head, d.tail, d.capacity, d.length = f.head, f.tail, f.capacity, f.length
	}
}

// grow does what a growth needs in memory.
func (g ring) grow(f *growth) error {
	if err := g.r.grow(headerSize + ringBytes + int(f.length)); err != nil {
		return err
	}
	copy(g.bytes(f.before, f.wrapped), g.bytes(0, f.wrapped))
	return nil
}
