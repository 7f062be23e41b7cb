package multiprocessing

import "unsafe"

// What processes have in their hands of a JoinableQueue is the count of their seats. A process keeps its seat while it
// has nothing, as far as there are enough: who joins has to know of whose end it wants to be told before that one takes
// something.

// vacant is who sits at a seat whose process has ended.
const vacant = ^uint64(0)

// mine returns the seat of this process, nil if there is none left.
func (g ring) mine() *seat {
	id, all := uint64(me()), g.seats()
	var free *seat
	for i := range all {
		of := all[i].of.Load()
		if of == id {
			return &all[i]
		}
		if free == nil && (of == 0 || of == vacant) {
			free = &all[i]
		}
		if of == 0 { // nobody has ever sat here or behind
			break
		}
	}
	if free == nil {
		free = all.mine()
	}
	if free != nil {
		g.r.ring() // those who join watch one more
		free.of.Store(id)
	}
	return free
}

// hands appends all processes that have a seat.
func (g ring) hands(list []identity) []identity {
	all := g.seats()
	for i := range all {
		switch of := all[i].of.Load(); of {
		case 0:
			return list
		case vacant:
		default:
			list = append(list, identity(of))
		}
	}
	return list
}

// account has a draft change how many items a process has in its hands.
func (g ring) account(d *ledger, st *seat, change int64) {
	first := &g.seats()[0]
	d.seat = int64((uintptr(unsafe.Pointer(st))-uintptr(unsafe.Pointer(first)))/unsafe.Sizeof(seat{})) + 1
	d.count = st.count.Load() + change
}

// lose takes note of what a process that has ended had in its hands.
func (g ring) lose(id identity) {
	g.ledger() // has the seat changed
	st := g.seats().of(id)
	if st == nil {
		return
	}
	if count := st.count.Load(); count > 0 {
		g.r.ring()
		s := g.state()
		d := s.draft()
		d.lost += count
		d.fallen = id
		d.finish(count)
		g.account(d, st, -count)
		s.commit()
		g.ledger()
	}
	st.of.Store(vacant)
}

// finish takes note that items are done, or lost.
func (d *ledger) finish(items int64) {
	if d.unfinished -= items; d.unfinished == 0 {
		d.rounds++
	}
}
