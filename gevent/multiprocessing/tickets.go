package multiprocessing

import (
	"slices"
	"sync/atomic"
	"unsafe"
)

// Tickets tell who waits for a notification, and who has got one: those whose tickets are not above the last that was
// notified. So one store notifies any number, in the order in which they came. They are used within the latch only.
type tickets struct {
	region *region
	state  *ticketState
	places []place
}

type ticketState struct {
	given    atomic.Uint64 // the last ticket
	notified atomic.Uint64 // the last that was notified
	all      atomic.Uint64 // up to here all were notified at once
}

// A place has the ticket of a greenlet from when it begins to wait until it has acted on its notification or given up. A
// ticket of zero is a free place.
type place struct {
	of, ticket atomic.Uint64
}

// maxPlaces is how many greenlets may wait at a time.
const maxPlaces = 8192

const sizeOfTickets = int(unsafe.Sizeof(ticketState{})) + maxPlaces*int(unsafe.Sizeof(place{}))

func ticketsOf(r *region) tickets {
	return tickets{r, at[ticketState](r, 0), unsafe.Slice(at[place](r, sizeOf[ticketState]()), maxPlaces)}
}

// taken calls fn for each place that has a ticket.
func (t tickets) taken(fn func(p *place, ticket uint64)) {
	for i := range t.places {
		p := &t.places[i]
		if p.of.Load() == 0 { // nor was anybody ever behind it
			return
		}
		if ticket := p.ticket.Load(); ticket != 0 {
			fn(p, ticket)
		}
	}
}

// take returns a place with a new ticket, nil if there is none left.
func (t tickets) take() *place {
	for i := range t.places {
		p := &t.places[i]
		if p.ticket.Load() == 0 {
			p.of.Store(uint64(me()))
			p.ticket.Store(t.state.given.Add(1))
			return p
		}
	}
	return nil
}

// waiting returns how many of those who have not been notified have a ticket up to this one.
func (t tickets) waiting(last uint64) (n uint64) {
	notified := t.state.notified.Load()
	t.taken(func(_ *place, ticket uint64) {
		if ticket > notified && ticket <= last {
			n++
		}
	})
	return n
}

// notify notifies the next n. Any number of the tickets may be nobody's any more.
func (t tickets) notify(n int) {
	last := t.state.given.Load()
	if t.waiting(last) > uint64(n) { // the first ticket up to which there are so many is above low, and not above last
		for low := t.state.notified.Load(); last-low > 1; {
			if middle := low + (last-low)/2; t.waiting(middle) < uint64(n) {
				low = middle
			} else {
				last = middle
			}
		}
	}
	t.region.ring()
	t.state.notified.Store(last)
}

func (t tickets) notifyAll() {
	given := t.state.given.Load()
	t.region.ring()
	t.state.notified.Store(given)
	t.state.all.Store(given)
}

// passOn notifies the next one in the place of one who had that ticket and cannot act on it, unless all were notified.
func (t tickets) passOn(ticket uint64) {
	if ticket <= t.state.notified.Load() && ticket > t.state.all.Load() {
		t.notify(1)
	}
}

// A ticketWish is to be notified.
type ticketWish struct {
	tickets
	place  *place // nil: given back
	ticket uint64
}

func (w *ticketWish) granted() bool { return w.ticket <= w.state.notified.Load() }

// holders are those who have been notified and not acted on it yet.
func (w *ticketWish) holders(list []identity) []identity {
	return w.owners(list, w.state.notified.Load())
}

// owners appends the processes that have tickets up to this one.
func (t tickets) owners(list []identity, last uint64) []identity {
	t.taken(func(p *place, ticket uint64) {
		if id := identity(p.of.Load()); ticket <= last && !slices.Contains(list, id) {
			list = append(list, id)
		}
	})
	return list
}

// sit takes a place, be it one of a process that has died while it waited: of that nobody else takes note before it is
// notified. There is no place if w.place is nil then. Not within the latch.
func (w *ticketWish) sit() {
	w.region.enter()
	if w.place = w.take(); w.place != nil {
		w.region.leave()
		return
	}
	owners := w.owners(nil, w.state.given.Load())
	w.region.leave()
	dead := slices.DeleteFunc(owners, identity.alive)
	w.region.enter()
	for _, id := range dead {
		w.fallen(id)
	}
	w.place = w.take()
	w.region.leave()
}

func (w *ticketWish) fallen(id identity) {
	w.taken(func(p *place, ticket uint64) {
		if p.of.Load() == uint64(id) {
			w.passOn(ticket) // first: who dies in between has others notify one too many
			p.ticket.Store(0)
		}
	})
}

// withdrawn gives the place back, unless a notification has come to it.
func (w *ticketWish) withdrawn() {
	if !w.granted() {
		w.place.ticket.Store(0)
		w.place = nil
	}
}
