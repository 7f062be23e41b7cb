package multiprocessing

import (
	"slices"
	"time"

	"greenloop/gevent"
)

// A wish is what somebody waits for in a region. Its methods are called within the latch.
type wish interface {
	// granted reports whether the wish has come true, and makes the change that it is for, if there is one.
	granted() bool
	// holders appends to the list the processes that may end without telling, and whose end may grant the wish.
	holders(list []identity) []identity
	// fallen takes note that a process has ended, one of those that holders returned.
	fallen(id identity)
	// withdrawn takes note that nobody waits for the wish any more, though it was not granted.
	withdrawn()
}

// A waiter is a greenlet that waits for a change of a region, or for the end of one of some processes.
type waiter struct {
	woken  gevent.Event
	fallen []identity    // those that have ended
	pause  time.Duration // if nobody wakes it
}

// await waits until the wish is granted, for no longer than d, and returns within the latch then. With an error the
// latch was left, and the wish was not granted: ErrTimeout, or what was thrown at the greenlet. With a d of zero or
// less it waits for nothing, but notices who has died. Parks.
func (r *region) await(d time.Duration, w wish) error {
	r.enter()
	if w.granted() {
		return nil
	}
	if d <= 0 {
		return r.refused(w)
	}
	r.leave()
	if d == gevent.Never {
		return r.awaitChange(w)
	}
	return within(d, func() error { return r.awaitChange(w) })
}

// awaitTurn is await for what only one can be granted: the greenlets of this process take turns, first come, first
// served.
func (r *region) awaitTurn(d time.Duration, w wish) error { return r.awaitIn(&r.turn, d, w) }

// awaitIn is awaitTurn for a region in which one can wait for several such things, with a turn each.
func (r *region) awaitIn(turn *gevent.Lock, d time.Duration, w wish) error {
	if !turn.Locked() {
		r.enter()
		if w.granted() {
			return nil
		}
		if d <= 0 {
			return r.refused(w)
		}
		r.leave()
	}
	queue := func() error {
		if err := turn.Acquire(); err != nil {
			return err
		}
		defer turn.Release()
		return r.awaitChange(w)
	}
	switch {
	case d <= 0:
		return gevent.ErrTimeout
	case d == gevent.Never:
		return queue()
	}
	return within(d, queue)
}

// refused is the end of an await for nothing, within the latch, unless one of the holders has died.
func (r *region) refused(w wish) error {
	var room [8]identity
	holders := w.holders(room[:0])
	r.leave()
	if dead := slices.DeleteFunc(holders, identity.alive); len(dead) > 0 && r.grantedWithout(dead, w) {
		return nil
	}
	return gevent.ErrTimeout
}

// grantedWithout takes note of who has died, and returns within the latch if that grants the wish.
func (r *region) grantedWithout(dead []identity, w wish) bool {
	r.enter()
	for _, id := range dead {
		w.fallen(id)
	}
	if w.granted() {
		return true
	}
	r.leave()
	return false
}

func (r *region) awaitChange(w wish) error {
	b := bellsOf(r.hub)
	me := new(waiter)
	r.waiting = append(r.waiting, me)
	b.listen(r)
	granted := false
	defer func() { // also if we are killed
		r.waiting = slices.DeleteFunc(r.waiting, func(w *waiter) bool { return w == me })
		b.ignore(r)
	}()
	defer func() {
		if !granted {
			r.surely(w.withdrawn)
		}
	}()
	room := make([]identity, 0, 8)
	for {
		r.enter()
		for _, id := range me.fallen {
			w.fallen(id)
		}
		me.fallen = me.fallen[:0]
		if granted = w.granted(); granted {
			return nil
		}
		room = w.holders(room[:0])
		me.woken.Clear()
		r.header().asked.Add(1)
		r.leave()
		if err := b.wait(me, r, room); err != nil {
			return err
		}
	}
}
