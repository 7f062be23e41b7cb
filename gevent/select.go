package gevent

import (
	"errors"
	"time"

	"greenloop/sched"
)

// ErrNoCase is returned by TrySelect if no case can happen now.
var ErrNoCase = errors.New("gevent: no case of the Select can happen now")

// An Exchange is any queue or channel, from the view of a Select.
type Exchange[T any] interface{ core() *exchange[T] }

// A Case is one of the things of which a Select does one: what OnGet and OnPut return. It can be used again, in the
// next Select, but not in two at a time.
type Case interface {
	attempt(wait bool) (happened bool, err error)
	enter(wait sched.Ticket)
	served() bool
	leave()
	finish(err error) // after it happened
}

// A GetCase is the case that an item is got.
type GetCase[T any] struct {
	Value T // what was got last

	from  *exchange[T]
	then  func(v T, err error)
	party party[T]
}

// OnGet returns the case that an item of from is got, or that from is shut down and has none left. Then Select calls
// then, if that is not nil, with what from's Get would have returned. If from is nil this never happens. Safe from
// any goroutine.
func OnGet[T any](from Exchange[T], then func(v T, err error)) *GetCase[T] {
	c := &GetCase[T]{then: then}
	if from != nil {
		c.from = from.core()
	}
	return c
}

// A PutCase is the case that an item is put.
type PutCase[T any] struct {
	Value T // what to put; it can be changed between two Selects

	to    *exchange[T]
	then  func(err error)
	party party[T]
}

// OnPut returns the case that v is put into to, or that to is shut down. Then Select calls then, if that is not nil,
// with what to's Put would have returned. If to is nil this never happens. Safe from any goroutine.
func OnPut[T any](to Exchange[T], v T, then func(err error)) *PutCase[T] {
	c := &PutCase[T]{Value: v, then: then}
	if to != nil {
		c.to = to.core()
	}
	return c
}

const selecting = sched.Why("one case of a Select")

// Select does one of the cases, the first of the list that can happen now; if none can it waits for one, in each
// queue and channel behind those who wait there already. So what comes first in the list can keep what comes later
// from happening at all. It returns the number of the case in the list, and the error that its Get or Put would have
// returned: nil or ErrShutdown. The number is -1, and nothing was got or put, if the wait was ended by an error that
// was thrown at the caller. Without any case it waits for that alone. Parks. Hub thread only.
func Select(cases ...Case) (int, error) {
	h := current("Select")
	h.sched.Spend()
	i, err := attemptCases(cases, true)
	if i < 0 {
		i, err = awaitCase(h, cases, sched.Never)
	}
	return finishCase(cases, i, err)
}

// SelectTimeout is Select that waits no longer than d, and returns -1 and ErrTimeout then; with a d of zero or less
// it still lets all run that is ready, once. Parks. Hub thread only.
func SelectTimeout(d time.Duration, cases ...Case) (int, error) {
	h := current("SelectTimeout")
	h.sched.Spend()
	i, err := attemptCases(cases, true)
	switch {
	case i >= 0:
	case d > 0:
		i, err = awaitCase(h, cases, h.sched.After(d))
	default:
		h.sched.Yield()
		if i, err = attemptCases(cases, true); i < 0 {
			err = ErrTimeout
		}
	}
	return finishCase(cases, i, err)
}

// TrySelect is Select that does not wait: it returns -1 and ErrNoCase if it would have to, as a select with a
// default. A timer's function or a hook may call it, too. Hub thread only.
func TrySelect(cases ...Case) (int, error) {
	current("TrySelect")
	i, err := attemptCases(cases, false)
	if i < 0 {
		err = ErrNoCase
	}
	return finishCase(cases, i, err)
}

// attemptCases does the first case that can happen now. It returns -1 if none can.
func attemptCases(cases []Case, wait bool) (int, error) {
	for i, c := range cases {
		if happened, err := c.attempt(wait); happened {
			return i, err
		}
	}
	return -1, nil
}

// awaitCase waits for one of the cases, none of which could happen at once.
func awaitCase(h *Hub, cases []Case, deadline time.Duration) (int, error) {
	defer leaveCases(cases) // also if a kill ends the wait
	for {
		wait := h.sched.Ticket()
		for _, c := range cases {
			c.enter(wait)
		}
		err := h.sched.ParkUntil(selecting, deadline)
		for i, c := range cases {
			if c.served() {
				return i, nil
			}
		}
		if err != nil {
			return -1, err
		}
		leaveCases(cases) // a Ready that was not ours, or a shutdown; nobody must meet himself in attempt
		if i, err := attemptCases(cases, true); i >= 0 {
			return i, err
		}
	}
}

func leaveCases(cases []Case) {
	for _, c := range cases {
		c.leave()
	}
}

func finishCase(cases []Case, i int, err error) (int, error) {
	if i >= 0 {
		cases[i].finish(err)
	}
	return i, err
}

func (c *GetCase[T]) attempt(bool) (happened bool, err error) {
	if c.from == nil {
		return false, nil
	}
	c.party.mustBeFree()
	c.from.at("Select")
	c.party.value, err = c.from.take()
	return err != ErrEmpty, err
}

func (c *GetCase[T]) enter(wait sched.Ticket) {
	if c.from != nil {
		c.party.mustBeFree()
		c.party.served = false
		c.party.enter(&c.from.getters, wait)
	}
}

func (c *GetCase[T]) served() bool { return c.party.served }

func (c *GetCase[T]) leave() { c.party.leave() }

func (c *GetCase[T]) finish(err error) {
	c.Value = c.party.value
	c.party = party[T]{}
	if c.then != nil {
		c.then(c.Value, err)
	}
}

func (c *PutCase[T]) attempt(wait bool) (happened bool, err error) {
	if c.to == nil {
		return false, nil
	}
	c.party.mustBeFree()
	h := c.to.at("Select")
	err = c.to.accept(c.Value)
	if err == nil && wait && c.to.max == channel {
		h.sched.Yield() // as Channel.Put does
	}
	return err != ErrFull, err
}

func (c *PutCase[T]) enter(wait sched.Ticket) {
	if c.to != nil {
		c.party.mustBeFree()
		c.party.value, c.party.served = c.Value, false
		c.party.enter(&c.to.putters, wait)
		c.to.observers.tell()
	}
}

func (c *PutCase[T]) served() bool { return c.party.served }

func (c *PutCase[T]) leave() {
	c.party.leave()
	c.party.value = *new(T)
}

func (c *PutCase[T]) finish(err error) {
	c.party = party[T]{}
	if c.then != nil {
		c.then(err)
	}
}

// mustBeFree panics if p waits already.
func (p *party[T]) mustBeFree() {
	if p.line != nil {
		panic("gevent: a Case that a Select waits for already, or that is twice in its list; make one for each")
	}
}
