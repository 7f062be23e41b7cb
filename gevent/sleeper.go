package gevent

import (
	"sync"
	"time"

	"greenloop/sched"
)

// A sleeper waits for what another thread brings. It is a greenlet of some hub or a goroutine of none. Being roused means
// to look again, nothing more: it can come late, twice, or for nothing.
type sleeper struct {
	hub    *Hub          // nil for a goroutine
	ticket sched.Ticket  // of the greenlet's latest wait here, of none before it parks; hub thread only
	notify func()        // in place of a greenlet: called on the hub's thread
	alarm  chan struct{} // of a goroutine; holds one wake-up

	line       *lineup // in which it waits; under the lock of the line's room, as are the next two
	next, prev *sleeper
}

// rouse has the sleeper look again. Safe from any goroutine.
func (w *sleeper) rouse() {
	if w.hub != nil {
		w.hub.arrivals.add(w)
		return
	}
	select {
	case w.alarm <- struct{}{}:
	default:
	}
}

// land is the end of rouse, on the thread of the sleeper's hub.
func (w *sleeper) land() {
	if w.notify != nil {
		w.notify()
		return
	}
	w.ticket.Ready()
}

// lie makes the current greenlet the sleeper, or panics if there is none. It has no ticket yet: a wake-up that comes though
// it never had to park must not end what it waits for next.
func (w *sleeper) lie(h *Hub) {
	_ = h.sched.Ticket()
	w.hub = h
}

// park parks the current greenlet until it is roused or somebody else makes it ready. Hub thread only.
func (w *sleeper) park(why sched.Reason, deadline time.Duration) error {
	w.ticket = w.hub.sched.Ticket()
	return w.hub.sched.ParkUntil(why, deadline)
}

// arrivals are the wake-ups that other threads bring to a hub: one post brings all that come before it has run.
type arrivals struct {
	mu       sync.Mutex
	sleepers []*sleeper

	expected int    // greenlets that wait for somebody outside; hub thread only, as is the next
	release  func() // ends the hold that they have on the hub
}

func (a *arrivals) add(w *sleeper) {
	a.mu.Lock()
	a.sleepers = append(a.sleepers, w)
	first := len(a.sleepers) == 1
	a.mu.Unlock()
	if first {
		w.hub.sched.Post(a.land) // if it reports false the hub has ended, and nobody sleeps there any more
	}
}

// land rouses all, in the order in which they were added.
func (a *arrivals) land() {
	a.mu.Lock()
	sleepers := a.sleepers
	a.sleepers = nil
	a.mu.Unlock()
	for _, w := range sleepers {
		w.land()
	}
}

// expect tells the hub that somebody outside may end a wait, so that it takes no state for a deadlock until unexpect. Hub
// thread only.
func (h *Hub) expect() {
	a := &h.arrivals
	if a.expected++; a.expected == 1 {
		a.release = h.sched.Hold()
	}
}

func (h *Hub) unexpect() {
	a := &h.arrivals
	if a.expected--; a.expected == 0 {
		a.release()
	}
}

// A lineup is a queue of sleepers. Under the lock of its room.
type lineup struct{ first, last *sleeper }

// put adds w at the end, or at the front.
func (l *lineup) put(w *sleeper, front bool) {
	w.line = l
	if front {
		w.prev, w.next = nil, l.first
	} else {
		w.prev, w.next = l.last, nil
	}
	l.join(w.prev, w)
	l.join(w, w.next)
}

// join makes a and b neighbours; nil is the end of the line.
func (l *lineup) join(a, b *sleeper) {
	if a != nil {
		a.next = b
	} else {
		l.first = b
	}
	if b != nil {
		b.prev = a
	} else {
		l.last = a
	}
}

func (l *lineup) remove(w *sleeper) {
	l.join(w.prev, w.next)
	w.line, w.next, w.prev = nil, nil, nil
}
