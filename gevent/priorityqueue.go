package gevent

import "cmp"

// A PriorityQueue is a Queue that gives out the smallest item first, and equal ones in the order in which they came
// in. What is put while somebody waits to get is handed to that one, whatever comes after it. It is made by
// NewPriorityQueue or NewPriorityQueueFunc, since its zero value knows no order. It must not be copied.
type PriorityQueue[T any] struct{ queue[T, ordered[T]] }

// NewPriorityQueue is NewQueue for a PriorityQueue with the order of <, and NaN first. Safe from any goroutine.
func NewPriorityQueue[T cmp.Ordered](max int, items ...T) *PriorityQueue[T] {
	return NewPriorityQueueFunc(max, cmp.Less[T], items...)
}

// NewPriorityQueueFunc is NewPriorityQueue with an order of one's own: less reports whether a goes before b. It must
// not wait or use the queue; if it panics, so does the call that needed it, and the queue remains as it was. Safe
// from any goroutine.
func NewPriorityQueueFunc[T any](max int, less func(a, b T) bool, items ...T) *PriorityQueue[T] {
	if less == nil {
		panic("gevent: a PriorityQueue needs an order, got a nil function")
	}
	q := new(PriorityQueue[T])
	q.store = &heap[T]{less: less}
	q.init(max, items)
	return q
}

func (q *PriorityQueue[T]) core() *exchange[T] {
	if q == nil {
		return nil
	}
	return q.open()
}

// ordered is the kind of a PriorityQueue.
type ordered[T any] struct{}

func (ordered[T]) store() store[T] {
	panic("gevent: the zero PriorityQueue has no order; make it with NewPriorityQueue or NewPriorityQueueFunc")
}

var _ storeKind[int] = ordered[int]{}
