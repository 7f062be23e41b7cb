package gevent

import (
	"iter"
	"time"

	"greenloop/sched"
)

// A Queue passes items from greenlets that put to greenlets that get, first in, first out, and holds up to a number
// of them. Who waits is served in the order of the calls, at the moment when that becomes possible and not when its
// turn to run comes: an item is handed to who waits for it, and belongs to it from then on, so that a TryGet cannot
// take it away. A wait that ended early, by a kill, a timeout or an error, has taken nothing and put nothing.
//
// The zero value is a queue without limit. It must not be copied after the first use.
type Queue[T any] struct{ queue[T, fifo[T]] }

// NewQueue returns a queue that holds max items, any number if max is not above zero, and holds items now. Safe from
// any goroutine.
func NewQueue[T any](max int, items ...T) *Queue[T] {
	q := new(Queue[T])
	q.init(max, items)
	return q
}

func (q *Queue[T]) core() *exchange[T] {
	if q == nil {
		return nil
	}
	return q.open()
}

// fifo is the kind of a Queue.
type fifo[T any] struct{}

func (fifo[T]) store() store[T] { return new(ring[T]) }

var _ storeKind[int] = fifo[int]{}

// A storeKind makes the store of a queue whose zero value is used.
type storeKind[T any] interface{ store() store[T] }

// queue is all queues that can have a limit. They differ in the store.
type queue[T any, K storeKind[T]] struct {
	outlet[T]
	joiners sched.WaitQueue
	rounds  int // how often all items were done
}

const (
	queueGet  = sched.Why("an item of a queue")
	queuePeek = sched.Why("the sight of an item of a queue")
	queuePut  = sched.Why("room in a queue")
	queueJoin = sched.Why("a queue's items to be done")
)

func (q *queue[T, K]) init(limit int, items []T) {
	q.max = max(limit, 0)
	if q.max > 0 && len(items) > q.max {
		panic("gevent: a new queue with more items than its limit; raise the limit, or put them one by one")
	}
	for _, v := range items {
		q.open().store.push(v)
	}
	q.n, q.unfinished = len(items), len(items)
}

// open returns the exchange, with its store.
func (q *queue[T, K]) open() *exchange[T] {
	if q.store == nil {
		var k K
		q.store = k.store()
	}
	return &q.exchange
}

// Put adds v, or hands it to the greenlet that has waited longest to get one; that one runs when its turn comes, not
// now. If the queue is full, Put waits until there is room; those who wait do so in the order of their calls. The
// error is ErrShutdown, or one that was thrown at the caller; v is not in the queue then. Parks. Hub thread only.
func (q *queue[T, K]) Put(v T) error {
	h := q.hub
	if h == nil || !h.thread.Nearby() || h.closed.Load() { // home.at, without its call
		h = q.settle("Queue.Put")
	}
	h.sched.Spend()
	if q.store != nil && !q.shut && q.getters.first == nil && q.room() { // what accept does, for less
		q.store.push(v)
		q.n++
		q.unfinished++
		if !q.observers.empty() {
			q.observers.tell()
		}
		return nil
	}
	x := q.open()
	if err := x.accept(v); err != ErrFull {
		return err
	}
	return x.awaitRoom(h, queuePut, v, sched.Never)
}

// PutTimeout is Put that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready, once. Parks. Hub thread only.
func (q *queue[T, K]) PutTimeout(v T, d time.Duration) error {
	h := q.at("Queue.PutTimeout")
	h.sched.Spend()
	x := q.open()
	if err := x.accept(v); err != ErrFull {
		return err
	}
	return x.awaitRoomFor(h, queuePut, v, d)
}

// TryPut is Put that does not wait: it returns ErrFull if it would have to. A timer's function or a hook may call it,
// too. Hub thread only.
func (q *queue[T, K]) TryPut(v T) error {
	q.at("Queue.TryPut")
	return q.open().accept(v)
}

// Cap returns the limit, 0 if there is none. Hub thread only.
func (q *queue[T, K]) Cap() int { return q.max }

// Full reports whether a Put would wait. Hub thread only.
func (q *queue[T, K]) Full() bool { return !q.room() }

// Shutdown ends the queue: each Put fails with ErrShutdown from now on, also those that wait. Items that are there
// can still be got, unless immediate is set, which drops them, and counts them as done; then each Get fails with
// ErrShutdown, also those that wait. It can be called again, to drop what was left. It does not wait. Hub thread
// only.
func (q *queue[T, K]) Shutdown(immediate bool) {
	if dropped := q.shutdown(immediate); dropped > 0 {
		q.done(dropped)
	}
}

// outlet is the half of a queue where items come out.
type outlet[T any] struct{ exchange[T] }

// Get takes the next item. If there is none it waits for one; those who wait get theirs in the order of their calls.
// The error is ErrShutdown, once the queue is shut down and nothing is left, or one that was thrown at the caller,
// which has taken nothing then. Parks. Hub thread only.
func (q *outlet[T]) Get() (T, error) {
	h := q.hub
	if h == nil || !h.thread.Nearby() || h.closed.Load() { // home.at, without its call
		h = q.settle("Queue.Get")
	}
	// First, so that a kill that comes in it finds nothing taken.
	h.sched.Spend()
	if q.n > 0 && q.putters.first == nil { // what take does, for less
		v := q.store.pop()
		q.n--
		return v, nil
	}
	if v, err := q.take(); err != ErrEmpty {
		return v, err
	}
	return q.await(h, queueGet, sched.Never, false)
}

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready, once. Parks. Hub thread only.
func (q *outlet[T]) GetTimeout(d time.Duration) (T, error) {
	h := q.at("Queue.GetTimeout")
	h.sched.Spend()
	if v, err := q.take(); err != ErrEmpty {
		return v, err
	}
	return q.awaitFor(h, queueGet, d, false)
}

// TryGet is Get that does not wait: it returns ErrEmpty if it would have to. It makes room, and so puts the item of
// who has waited longest for that. A timer's function or a hook may call it, too. Hub thread only.
func (q *outlet[T]) TryGet() (T, error) {
	q.at("Queue.TryGet")
	return q.take()
}

// Peek returns the next item and leaves it where it is. If there is none it waits for one, in one line with those who
// get: it is shown the item that is put next if nobody before it gets that. Any number may be shown the same one. The
// error is as with Get. Parks. Hub thread only.
func (q *outlet[T]) Peek() (T, error) {
	h := q.at("Queue.Peek")
	h.sched.Spend()
	if v, err := q.look(); err != ErrEmpty {
		return v, err
	}
	return q.await(h, queuePeek, sched.Never, true)
}

// PeekTimeout is Peek that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready, once. Parks. Hub thread only.
func (q *outlet[T]) PeekTimeout(d time.Duration) (T, error) {
	h := q.at("Queue.PeekTimeout")
	h.sched.Spend()
	if v, err := q.look(); err != ErrEmpty {
		return v, err
	}
	return q.awaitFor(h, queuePeek, d, true)
}

// TryPeek is Peek that does not wait: it returns ErrEmpty if it would have to. Hub thread only.
func (q *outlet[T]) TryPeek() (T, error) {
	q.at("Queue.TryPeek")
	return q.look()
}

// All gets items, until the queue is shut down and nothing is left, or an error is thrown at the caller, which is
// lost here: who needs to know it calls Get. Parks. Hub thread only.
func (q *outlet[T]) All() iter.Seq[T] { return itemsOf(q.Get) }

func itemsOf[T any](get func() (T, error)) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			if v, err := get(); err != nil || !yield(v) {
				return
			}
		}
	}
}

// Len returns how many items are there. What was handed to a greenlet that waited is not. Hub thread only.
func (q *outlet[T]) Len() int { return q.n }

// Empty reports whether there is no item. Hub thread only.
func (q *outlet[T]) Empty() bool { return q.n == 0 }

// Ready reports whether a Get would return at once: an item is there, or the queue is shut down. Hub thread only.
func (q *outlet[T]) Ready() bool { return q.ready() }

func (q *outlet[T]) shutdown(immediate bool) (dropped int) {
	q.at("Queue.Shutdown")
	if immediate && q.n > 0 {
		dropped = q.n
		q.store.clear()
		q.n = 0
	}
	q.close()
	return dropped
}
