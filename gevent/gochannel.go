package gevent

import (
	"errors"
	"iter"
	"time"

	"greenloop/sched"
)

// Recv receives from a channel of Go's, as v, ok := <-ch does. It tries; only if it would block, a goroutine receives
// while the greenlet waits. Greenlets that wait at the same channel get their values in the order of their calls.
//
// Its error is that of the wait, thrown at the greenlet or of its scope; then, or when the greenlet is killed, nothing is
// received for it any more. If it came at the moment in which a value was taken from the channel, the value is kept for
// whoever receives next from that channel on this hub: nothing is lost but with the hub itself. Values are taken only
// while a greenlet waits, never ahead of that. Parks. Hub thread only.
func Recv[T any](ch <-chan T) (v T, ok bool, err error) {
	return receive(current("Recv"), ch, sched.Never, onGoroutine)
}

// RecvTimeout is Recv that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it only tries,
// with one Yield before.
func RecvTimeout[T any](ch <-chan T, d time.Duration) (v T, ok bool, err error) {
	h := current("RecvTimeout")
	if d <= 0 && len(ch) == 0 {
		h.sched.Yield()
	}
	return receive(h, ch, h.sched.After(d), onGoroutine)
}

// RecvAll returns what comes from a channel of Go's, as range over it does, until it is closed. An error that ends the
// wait otherwise, see Recv, is the last pair. All the waits of one loop need one goroutine. Parks. Hub thread only.
func RecvAll[T any](ch <-chan T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		h := current("RecvAll")
		var work chan func()
		defer func() { // also if we are killed meanwhile
			if work != nil {
				close(work)
			}
		}()
		start := func(fn func()) {
			if work == nil {
				work = make(chan func(), 1) // there is never more than one
				go func() {
					for fn := range work {
						fn()
					}
				}()
			}
			work <- fn
		}
		for {
			v, ok, err := receive(h, ch, sched.Never, start)
			if err == nil && !ok || !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// Send sends to a channel of Go's, as ch <- v does. It tries; only if it would block, a goroutine sends while the
// greenlet waits. Greenlets that wait at the same channel send in the order of their calls.
//
// Its error is that of the wait, thrown at the greenlet or of its scope, and says that v was not sent. If it came at the
// moment in which v was, Send succeeds and the error ends the next wait. Sending to a closed channel panics. Parks. Hub
// thread only.
func Send[T any](ch chan<- T, v T) error {
	return send(current("Send"), ch, v, sched.Never)
}

// SendTimeout is Send that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it only tries,
// with one Yield before.
func SendTimeout[T any](ch chan<- T, v T, d time.Duration) error {
	h := current("SendTimeout")
	if d <= 0 && len(ch) == cap(ch) {
		h.sched.Yield()
	}
	return send(h, ch, v, h.sched.After(d))
}

func onGoroutine(fn func()) { go fn() }

// What a greenlet waits for at a channel. As values of the interface, so that none is made for each wait.
var (
	receiving sched.Reason = sched.Why("receive from a Go channel")
	sending   sched.Reason = sched.Why("send to a Go channel")
)

func receive[T any](h *Hub, ch <-chan T, deadline time.Duration, start func(func())) (v T, ok bool, err error) {
	h.sched.Spend() // first: a kill that finds us there must not find us with something taken
	c, busy := h.channels[ch].(*goChannel[T])
	if !busy {
		select {
		case v, ok = <-ch:
			return v, ok, nil
		default:
		}
		c = newChannel[T](h, ch)
	}
	c.users++
	defer c.leave() // also if we are killed meanwhile
	if err = c.await(receiving, deadline); err != nil {
		return v, false, err
	}
	if len(c.kept) > 0 {
		v, c.kept = c.kept[0], c.kept[1:]
		return v, true, nil
	}
	select {
	case v, ok = <-ch:
		return v, ok, nil
	default:
	}
	if deadline <= h.sched.Now() {
		return v, false, ErrTimeout
	}
	var value T
	var open bool
	t := newTrip(h)
	defer func() { // also if we are killed meanwhile
		if t.stop(); open && !t.taken {
			c.kept = append(c.kept, value)
		}
	}()
	start(func() {
		defer t.end()
		select {
		case value, open = <-ch:
			t.done = true
		case <-t.quit:
		}
	})
	if err = t.await(receiving, deadline, ch != nil); err != nil {
		return v, false, err
	}
	t.taken = true
	return value, open, nil
}

func send[T any](h *Hub, ch chan<- T, v T, deadline time.Duration) error {
	h.sched.Spend()
	c, busy := h.channels[ch].(*goChannel[T])
	if !busy {
		select {
		case ch <- v:
			return nil
		default:
		}
		c = newChannel[T](h, ch)
	}
	c.users++
	defer c.leave() // also if we are killed meanwhile
	if err := c.await(sending, deadline); err != nil {
		return err
	}
	select {
	case ch <- v:
		return nil
	default:
	}
	if deadline <= h.sched.Now() {
		return ErrTimeout
	}
	t := newTrip(h)
	defer t.stop()
	go func() {
		defer t.end()
		defer func() { t.panicked = recover() }()
		select {
		case ch <- v:
			t.done = true
		case <-t.quit:
		}
	}()
	err := t.await(sending, deadline, ch != nil)
	switch {
	case t.panicked != nil:
		panic(t.panicked) // the channel is closed
	case err != nil && t.done:
		h.sched.Postpone(err)
		return nil
	}
	return err
}

// A goChannel is what a hub knows of a Go channel at which its greenlets wait, in one direction: whose turn it is, and
// what was received for nobody. It exists as long as there is something to know.
type goChannel[T any] struct {
	hub   *Hub
	key   any
	users int         // greenlets in a call
	owner *sched.Task // whose turn it is
	queue sched.WaitQueue
	kept  []T
}

func newChannel[T any](h *Hub, key any) *goChannel[T] {
	if h.channels == nil {
		h.channels = make(map[any]any)
	}
	c := &goChannel[T]{hub: h, key: key}
	h.channels[key] = c
	return c
}

// await waits for the current greenlet's turn.
func (c *goChannel[T]) await(why sched.Reason, deadline time.Duration) error {
	self := c.hub.sched.Current()
	if c.owner == nil {
		c.owner = self
	}
	for c.owner != self {
		if err := c.queue.WaitUntil(c.hub.sched, why, deadline); err != nil {
			return err
		}
	}
	return nil
}

// leave gives the turn to the next, if it is the current greenlet's.
func (c *goChannel[T]) leave() {
	if c.owner == c.hub.sched.Current() {
		c.owner = c.queue.Wake()
	}
	if c.users--; c.users == 0 && len(c.kept) == 0 {
		delete(c.hub.channels, c.key)
	}
}

// A trip is one operation on a Go channel, made by a goroutine for the greenlet that waits for it.
type trip struct {
	sleeper
	quit, over chan struct{}
	stopped    bool
	taken      bool // the greenlet has what was received
	done       bool // the operation was; written by the goroutine before over is closed, like the next
	panicked   any
}

func newTrip(h *Hub) *trip {
	t := &trip{quit: make(chan struct{}), over: make(chan struct{})}
	t.lie(h)
	return t
}

// end is called by the goroutine, when all is settled.
func (t *trip) end() {
	close(t.over)
	t.rouse()
}

// stop ends the trip if it has not come to its end. It blocks the thread until the goroutine has seen it, which waits for
// nothing then; only so can be told whether the operation was done.
func (t *trip) stop() {
	if !t.stopped {
		t.stopped = true
		close(t.quit)
	}
	<-t.over
}

// await waits for the end. On an error, too, the trip is over. What was done before the deadline was seen counts.
func (t *trip) await(why sched.Reason, deadline time.Duration, expect bool) error {
	if expect { // else nobody can bring it to an end, which is a deadlock if nothing else can go on
		t.hub.expect()
		defer t.hub.unexpect()
	}
	for {
		select {
		case <-t.over:
			return nil
		default:
		}
		if err := t.park(why, deadline); err != nil {
			if t.stop(); t.done && errors.Is(err, ErrTimeout) && t.hub.sched.Now() >= deadline {
				return nil
			}
			return err
		}
	}
}
