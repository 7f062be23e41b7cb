package gevent

import (
	"context"
	"errors"
	"iter"
	"time"

	"greenloop/sched"
)

// A SharedQueue hands items from any goroutine, or greenlet of any hub, to any other, first in, first out. The zero value
// is empty and without bound; it must not be copied. Where all who use it are greenlets of one hub, Queue is the cheaper
// one, and its order is exact.
type SharedQueue[T any] struct {
	room     room
	getters  lineup
	putters  lineup
	items    []T // from head on
	head     int
	capacity int // 0 for none
	shut     bool
}

// NewSharedQueue returns a queue that holds no more than capacity items; without bound if that is zero.
func NewSharedQueue[T any](capacity int) *SharedQueue[T] {
	if capacity < 0 {
		panic("gevent: a SharedQueue of negative capacity; 0 means without bound")
	}
	return &SharedQueue[T]{capacity: capacity}
}

// Put adds v, once there is room. Its error is ErrShutdown, or in a greenlet one that was thrown at it, or of its scope;
// then v is not in the queue. Those who wait are woken in the order of their calls; who finds room does not wait for
// them. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (q *SharedQueue[T]) Put(v T) error { return q.put(v, forever) }

// PutTimeout is Put that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it only tries,
// twice in a greenlet, with one Yield between.
func (q *SharedQueue[T]) PutTimeout(v T, d time.Duration) error { return q.put(v, within(d)) }

// PutContext is Put that ends with ctx, and returns its cause then.
func (q *SharedQueue[T]) PutContext(ctx context.Context, v T) error { return q.put(v, during(ctx)) }

func (q *SharedQueue[T]) put(v T, p allowance) (err error) {
	if e := q.room.wait(&q.putters, p, sched.Why("put in a shared queue"), func() bool {
		if q.shut {
			err = ErrShutdown
		}
		return q.shut || q.push(v)
	}); e != nil {
		return e
	}
	return err
}

// TryPut adds v if there is room, and reports whether it did. It never waits. Safe from any goroutine.
func (q *SharedQueue[T]) TryPut(v T) bool {
	q.room.lock()
	defer q.room.unlock()
	return !q.shut && q.push(v)
}

// push adds v if there is room. Under the lock.
func (q *SharedQueue[T]) push(v T) bool {
	if q.capacity > 0 && len(q.items)-q.head >= q.capacity {
		return false
	}
	if q.head > 0 && len(q.items) == cap(q.items) && q.head >= len(q.items)/2 {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, v)
	q.room.wake(&q.getters)
	return true
}

// Get takes the first item, once there is one. Its error is ErrShutdown, when the queue is shut down and empty, or in a
// greenlet one that was thrown at it, or of its scope; then nothing was taken. Those who wait are woken in the order of
// their calls; who finds an item does not wait for them. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (q *SharedQueue[T]) Get() (T, error) { return q.get(forever) }

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it only tries,
// twice in a greenlet, with one Yield between.
func (q *SharedQueue[T]) GetTimeout(d time.Duration) (T, error) { return q.get(within(d)) }

// GetContext is Get that ends with ctx, and returns its cause then.
func (q *SharedQueue[T]) GetContext(ctx context.Context) (T, error) { return q.get(during(ctx)) }

func (q *SharedQueue[T]) get(p allowance) (v T, err error) {
	if e := q.room.wait(&q.getters, p, sched.Why("get from a shared queue"), func() (ok bool) {
		v, ok = q.pop()
		if !ok && q.shut {
			err = ErrShutdown
		}
		return ok || q.shut
	}); e != nil {
		err = e
	}
	return v, err
}

// TryGet takes the first item if there is one, and reports whether it did. It never waits. Safe from any goroutine.
func (q *SharedQueue[T]) TryGet() (T, bool) {
	q.room.lock()
	defer q.room.unlock()
	return q.pop()
}

// pop takes the first item if there is one. Under the lock.
func (q *SharedQueue[T]) pop() (v T, ok bool) {
	if q.head == len(q.items) {
		return v, false
	}
	var none T
	v, q.items[q.head] = q.items[q.head], none // the queue does not keep alive what was taken
	if q.head++; q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	q.room.wake(&q.putters)
	return v, true
}

// All returns the items as they come, each taken from the queue, until it is shut down and empty. An error that ends the
// wait otherwise is the last pair. Parks in a greenlet, else it blocks. Safe from any goroutine.
func (q *SharedQueue[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := q.Get()
			if errors.Is(err, ErrShutdown) || !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// Len returns how many items are in the queue. Safe from any goroutine.
func (q *SharedQueue[T]) Len() int {
	q.room.lock()
	defer q.room.unlock()
	return len(q.items) - q.head
}

// Shutdown refuses all items from now on: who waits to put one gets ErrShutdown, and so does who gets, once the queue is
// empty. Calling it again does nothing. Safe from any goroutine.
func (q *SharedQueue[T]) Shutdown() {
	q.room.lock()
	defer q.room.unlock()
	q.shutDown()
}

// ShutdownNow is Shutdown that also takes out what is in the queue, and returns it.
func (q *SharedQueue[T]) ShutdownNow() []T {
	q.room.lock()
	defer q.room.unlock()
	left := q.items[q.head:]
	q.items, q.head = nil, 0
	q.shutDown()
	return left
}

func (q *SharedQueue[T]) shutDown() {
	q.shut = true
	q.room.wakeAll(&q.getters)
	q.room.wakeAll(&q.putters)
}
