package multiprocessing

import "greenloop/gevent"

const (
	// keptMemory is how much an empty ring keeps: to give memory back and to get it again costs as much as to fill it.
	keptMemory = 16 << 20

	// givenBack is how much is given back at a time: the hub's thread is in a system call for that, up to a millisecond.
	givenBack = 2 << 20
)

// excessive reports whether the ring is empty and has more memory than it keeps.
func (l *ledger) excessive() bool { return l.items == 0 && l.length > keptMemory }

// shrinkLater has a greenlet give memory back.
func (g ring) shrinkLater() {
	if !g.r.shrinking {
		g.r.shrinking = true
		gevent.SpawnNamed("memory of a queue is given back", g.shrink)
	}
}

func (g ring) shrink() error {
	defer func() { g.r.shrinking = false }()
	for g.shrinkOnce() {
		gevent.Yield()
	}
	return nil
}

// shrinkOnce gives some memory back, and reports whether it did. The ring is small before the file is: so it is whole if
// we die in between.
func (g ring) shrinkOnce() bool {
	if g.r.memory == nil { // it was closed
		return false
	}
	s := g.state()
	g.r.enter()
	l := g.ledger()
	if !l.excessive() || s.writer.Load() != 0 || s.reader.Load() != 0 {
		g.r.leave()
		return false
	}
	s.reader.Store(uint64(me()))
	s.writer.Store(uint64(me()))
	d := s.draft()
	d.head, d.tail, d.capacity = 0, 0, min(d.capacity, keptMemory)
	d.length = max(keptMemory, d.length-min(d.length, givenBack))
	length := d.length
	s.commit()
	g.r.leave()

	err := g.r.grow(headerSize + ringBytes + int(length))
	g.r.surely(func() {
		g.r.ring()
		s.reader.Store(0)
		s.writer.Store(0)
	})
	return err == nil
}
