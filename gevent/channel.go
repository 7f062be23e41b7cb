package gevent

import (
	"iter"
	"time"

	"greenloop/sched"
)

// A Channel passes items from hand to hand and holds none: who puts waits for one who gets, and the other way round,
// both in the order of their calls. A wait that ended early, by a kill, a timeout or an error, has taken nothing and
// put nothing.
//
// The zero value is ready for use. It must not be copied after the first use.
type Channel[T any] struct{ exchange exchange[T] }

const (
	channelGet = sched.Why("an item of a channel")
	channelPut = sched.Why("a taker at a channel")
)

// NewChannel returns a channel. Safe from any goroutine.
func NewChannel[T any]() *Channel[T] { return new(Channel[T]) }

func (c *Channel[T]) core() *exchange[T] {
	if c == nil {
		return nil
	}
	c.exchange.max = channel
	return &c.exchange
}

// Put waits until somebody gets v. If somebody waits for it already, that one has v at once and runs before Put
// returns, with all others that are ready. The error is ErrShutdown, if the channel is closed, or one that was thrown
// at the caller; nobody got v then. Parks. Hub thread only.
func (c *Channel[T]) Put(v T) error { return c.exchange.pass(v) }

// pass is Put, and collect is Get, both of which the compiler inlines, so that there is one level of calls up to the scheduler:
// a switch returns through them all. So they do by hand what core, home.at and exchange.await do.
func (x *exchange[T]) pass(v T) error {
	x.max = channel
	h := x.hub
	if h == nil || !h.thread.Nearby() {
		h = x.settle("Channel.Put")
	}
	switch err := x.accept(v); err {
	case nil:
		h.sched.Yield()
		return nil
	case ErrFull:
		return x.awaitRoom(h, channelPut, v, sched.Never)
	default:
		return err
	}
}

func (x *exchange[T]) collect() (v T, err error) {
	x.max = channel
	h := x.hub
	if h == nil || !h.thread.Nearby() {
		h = x.settle("Channel.Get")
	}
	h.sched.Spend()
	if v, err = x.take(); err != ErrEmpty {
		return v, err
	}
	p := x.party()
	defer x.recycle(p)
	for err == ErrEmpty {
		p.enter(&x.getters, h.sched.Ticket())
		if err := h.sched.ParkUntil(channelGet, sched.Never); p.served || err != nil {
			return p.value, err
		}
		v, err = x.take()
	}
	return v, err
}

// PutTimeout is Put that waits no longer than d for somebody, and returns ErrTimeout then; with a d of zero or less
// it still lets all run that is ready, once. Parks. Hub thread only.
func (c *Channel[T]) PutTimeout(v T, d time.Duration) error {
	x := c.core()
	h := x.at("Channel.PutTimeout")
	switch err := x.accept(v); err {
	case nil:
		h.sched.Yield()
		return nil
	case ErrFull:
		return x.awaitRoomFor(h, channelPut, v, d)
	default:
		return err
	}
}

// TryPut is Put that does not wait: it returns ErrFull if nobody waits for v. A timer's function or a hook may call
// it, too. Hub thread only.
func (c *Channel[T]) TryPut(v T) error {
	x := c.core()
	x.at("Channel.TryPut")
	return x.accept(v)
}

// Get waits until somebody puts an item and takes it; that one goes on when its turn comes. The error is ErrShutdown,
// if the channel is closed, or one that was thrown at the caller, which has taken nothing then. Parks. Hub thread
// only.
func (c *Channel[T]) Get() (T, error) { return c.exchange.collect() }

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready, once. Parks. Hub thread only.
func (c *Channel[T]) GetTimeout(d time.Duration) (T, error) {
	x := c.core()
	h := x.at("Channel.GetTimeout")
	h.sched.Spend()
	if v, err := x.take(); err != ErrEmpty {
		return v, err
	}
	return x.awaitFor(h, channelGet, d, false)
}

// TryGet is Get that does not wait: it returns ErrEmpty if nobody waits to put. A timer's function or a hook may call
// it, too. Hub thread only.
func (c *Channel[T]) TryGet() (T, error) {
	x := c.core()
	x.at("Channel.TryGet")
	return x.take()
}

// All gets items until the channel is closed, or an error is thrown at the caller, which is lost here: who needs to
// know it calls Get. Parks. Hub thread only.
func (c *Channel[T]) All() iter.Seq[T] { return itemsOf(c.Get) }

// Balance returns how many wait to put, less those who wait to get. Hub thread only.
func (c *Channel[T]) Balance() int {
	x := c.core()
	return x.putters.waiting() - x.getters.waiting()
}

// Close ends the channel: all who wait, and all later calls, get ErrShutdown; what they put, nobody got. It may be
// called again. It does not wait. Hub thread only.
func (c *Channel[T]) Close() {
	x := c.core()
	x.at("Channel.Close")
	x.close()
}

// Ready reports whether a Get would return at once: somebody waits to put, or the channel is closed. Hub thread only.
func (c *Channel[T]) Ready() bool { return c.core().ready() }

func (c *Channel[T]) observe(o *observer) { c.core().observe(o) }

func (c *Channel[T]) ignore(o *observer) { c.core().ignore(o) }
