package gevent

import (
	"errors"
	"time"

	"greenloop/sched"
)

// The errors of queues and channels.
var (
	// ErrEmpty is returned by TryGet and TryPeek if they would have to wait.
	ErrEmpty = errors.New("gevent: nothing to get now")
	// ErrFull is returned by TryPut if it would have to wait.
	ErrFull = errors.New("gevent: nothing can be put now")
	// ErrShutdown is returned by what was shut down: by a Put, by a Get if nothing is left, and by whatever else takes no more.
	ErrShutdown = errors.New("gevent: shut down")
)

// An exchange is what is under all queues and channels: a store between those who put and those who get. It serves
// each at once if it can, and a wait is served by whoever makes that possible, who hands the item over. So these
// always hold:
//   - who waits to get finds the store empty and nobody who waits to put;
//   - who waits to put finds no room.
//
// A wait that was served is over, and a kill comes at the next one: what was handed over is in the hands of its new
// owner.
type exchange[T any] struct {
	home
	store      store[T]   // nil until something is put
	n          int        // items in it
	max        int        // 0: no limit; below 0: a channel, which stores nothing
	getters    parties[T] // and those who peek
	putters    parties[T]
	unfinished int // items that came in, less those that are done
	shut       bool

	observers observers
	spare     *party[T] // for the next waits, linked by next
}

// channel is the max of a channel.
const channel = -1

func (x *exchange[T]) room() bool { return x.max == 0 || x.n < x.max }

// accept puts v in, or hands it to who waits for it. Its error is ErrFull or ErrShutdown.
func (x *exchange[T]) accept(v T) error {
	switch {
	case x.shut:
		return ErrShutdown
	case x.getters.first != nil && x.give(v):
	case !x.room():
		return ErrFull
	default:
		x.store.push(v)
		x.n++
		if !x.observers.empty() {
			x.observers.tell()
		}
	}
	x.unfinished++
	return nil
}

// give shows v to those who peek, as far as they come before the first who gets it, and reports whether there is such
// a one.
func (x *exchange[T]) give(v T) bool {
	for p := x.getters.head(); p != nil; p = x.getters.head() {
		p.value = v
		p.serve()
		if !p.peeks {
			return true
		}
	}
	return false
}

// take takes the next item out; who waits longest to put can do so then. Its error is ErrEmpty or ErrShutdown.
func (x *exchange[T]) take() (v T, err error) {
	if x.putters.first != nil {
		if p := x.putters.head(); p != nil {
			v = p.value
			if x.n > 0 {
				v = x.store.replace(v)
			}
			x.unfinished++
			p.serve()
			return v, nil
		}
	}
	switch {
	case x.n > 0:
		v = x.store.pop()
		x.n--
	case x.shut:
		err = ErrShutdown
	default:
		err = ErrEmpty
	}
	return v, err
}

// look returns what take would take from the store.
func (x *exchange[T]) look() (v T, err error) {
	switch {
	case x.n > 0:
		return x.store.next(), nil
	case x.shut:
		return v, ErrShutdown
	default:
		return v, ErrEmpty
	}
}

// next is take, or look.
func (x *exchange[T]) next(peeks bool) (T, error) {
	if peeks {
		return x.look()
	}
	return x.take()
}

// await is what next is if it must wait.
func (x *exchange[T]) await(h *Hub, why sched.Reason, deadline time.Duration, peeks bool) (v T, err error) {
	p := x.party()
	defer x.recycle(p) // also if a kill ends the wait
	p.peeks = peeks
	for err = ErrEmpty; err == ErrEmpty; v, err = x.next(peeks) { // again after a Ready that was not ours, or a shutdown
		p.enter(&x.getters, h.sched.Ticket())
		if err := h.sched.ParkUntil(why, deadline); p.served || err != nil {
			return p.value, err
		}
	}
	return v, err
}

// awaitRoom is what accept is if it must wait.
func (x *exchange[T]) awaitRoom(h *Hub, why sched.Reason, v T, deadline time.Duration) (err error) {
	p := x.party()
	defer x.recycle(p)
	p.value = v
	for err = ErrFull; err == ErrFull; err = x.accept(v) { // see await
		p.enter(&x.putters, h.sched.Ticket())
		x.observers.tell() // a channel can be got from now
		if err := h.sched.ParkUntil(why, deadline); p.served || err != nil {
			return err
		}
	}
	return err
}

// awaitFor is await for a duration; if that is not above zero, others have one turn each in which to put something.
func (x *exchange[T]) awaitFor(h *Hub, why sched.Reason, d time.Duration, peeks bool) (T, error) {
	if d > 0 {
		return x.await(h, why, h.sched.After(d), peeks)
	}
	h.sched.Yield()
	v, err := x.next(peeks)
	if err == ErrEmpty {
		err = ErrTimeout
	}
	return v, err
}

// awaitRoomFor is awaitRoom for a duration; if that is not above zero, others have one turn each in which to make
// room.
func (x *exchange[T]) awaitRoomFor(h *Hub, why sched.Reason, v T, d time.Duration) error {
	if d > 0 {
		return x.awaitRoom(h, why, v, h.sched.After(d))
	}
	h.sched.Yield()
	err := x.accept(v)
	if err == ErrFull {
		err = ErrTimeout
	}
	return err
}

// close ends all waits; those who wait find x shut.
func (x *exchange[T]) close() {
	x.shut = true
	x.getters.dismiss()
	x.putters.dismiss()
	x.observers.tell()
}

func (x *exchange[T]) party() *party[T] {
	p := x.spare
	if p == nil {
		return new(party[T])
	}
	x.spare = p.next
	p.next = nil
	return p
}

func (x *exchange[T]) recycle(p *party[T]) {
	p.leave()
	*p = party[T]{next: x.spare}
	x.spare = p
}

// ready reports whether take would do without waiting.
func (x *exchange[T]) ready() bool { return x.n > 0 || x.shut || x.putters.head() != nil }

func (x *exchange[T]) observe(o *observer) {
	x.at("Wait")
	x.observers.add(o)
	if x.ready() {
		x.observers.tell()
	}
}

func (x *exchange[T]) ignore(o *observer) { x.observers.remove(o) }
