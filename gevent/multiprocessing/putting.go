package multiprocessing

import (
	"fmt"
	"time"
)

// A putting is an item that is to be put into a ring, as a wish.
type putting struct {
	applicant
	ring   ring
	item   []byte
	growth growth
	err    error
	marked bool // it is to be copied outside the latch

	tail, capacity uint64 // where it goes, before any growth
}

// put waits until there is room for the item, for no longer than d, and puts it.
func (g ring) put(item []byte, d time.Duration) error {
	s := g.state()
	if room := roomOf(len(item)); room > s.limit {
		return fmt.Errorf("mp: an item of %d bytes, in a queue that has room for %d: %w", len(item), s.limit-word, ErrTooLarge)
	}
	p := putting{applicant: applicant{&s.putters, g.r, 0}, ring: g, item: item}
	if !g.r.putTurn.Locked() {
		g.r.enter()
		granted := p.granted()
		g.r.leave()
		if granted {
			return p.finish()
		}
	}
	p.tries = 0
	return p.wait(d)
}

// wait has a receiver of its own: the others need no memory of the heap.
func (p putting) wait(d time.Duration) error {
	if err := p.ring.r.awaitIn(&p.ring.r.putTurn, d, &p); err != nil {
		return err
	}
	p.ring.r.leave()
	return p.finish()
}

func (p *putting) granted() bool {
	s, l := p.ring.state(), p.ring.ledger()
	if s.full(l) || s.writer.Load() != 0 || !p.mayPass() || !p.finds(s, l) {
		p.refused()
		return false
	}
	if s.putters.of.Load() != 0 { // it is ours, and others wait for it
		p.ring.r.ring()
	}
	p.served()
	p.tail, p.capacity = l.tail, l.capacity
	if p.marked = roomOf(len(p.item))+p.growth.wrapped > maxWithin; p.marked {
		if p.growth.needed {
			s.reader.Store(uint64(me()))
		}
		s.writer.Store(uint64(me()))
		return true
	}
	if p.err = p.place(); p.err == nil {
		p.commit()
	}
	return true
}

// finds reports whether there is room, or can be.
func (p *putting) finds(s *ringState, l *ledger) bool {
	need := l.tail - l.head + roomOf(len(p.item))
	if need <= l.capacity {
		p.growth = growth{}
		return true
	}
	if need > s.limit {
		s.crowded.Store(true)
		return false
	}
	p.growth = l.growthTo(need)
	return s.reader.Load() == 0
}

// finish does what was not done within the latch.
func (p *putting) finish() error {
	if !p.marked {
		return p.err
	}
	r, s := p.ring.r, p.ring.state()
	p.err = p.place()
	r.surely(func() {
		r.ring()
		if p.err == nil {
			p.commit()
		}
		if p.growth.needed {
			s.reader.Store(0)
		}
		s.writer.Store(0)
	})
	return p.err
}

// place copies the item to behind the tail, where nobody looks.
func (p *putting) place() error {
	tail, capacity := p.tail, p.capacity
	if f := &p.growth; f.needed {
		if err := p.ring.grow(f); err != nil {
			return err
		}
		tail, capacity = f.tail, f.capacity
	}
	p.ring.write(p.item, tail, capacity)
	return nil
}

// commit makes the item one of the queue.
func (p *putting) commit() {
	s := p.ring.state()
	d := s.draft()
	if d.items == 0 { // else nobody waits for an item
		p.ring.r.ring()
	}
	p.growth.enter(d)
	d.tail += roomOf(len(p.item))
	d.items++
	d.unfinished++
	s.commit()
}

func (p *putting) holders(list []identity) []identity {
	return p.applicant.holders(p.ring.state().holders(list))
}

func (p *putting) fallen(id identity) {
	p.ring.state().fallen(id)
	p.applicant.fallen(id)
}
