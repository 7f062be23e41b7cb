package gevent

// A SimpleQueue is a Queue without a limit, whose Put never waits, and which does not count what is done. The zero
// value is empty. It must not be copied after the first use.
type SimpleQueue[T any] struct{ outlet[T] }

// NewSimpleQueue returns a queue that holds items. Safe from any goroutine.
func NewSimpleQueue[T any](items ...T) *SimpleQueue[T] {
	q := new(SimpleQueue[T])
	for _, v := range items {
		q.core().store.push(v)
	}
	q.n = len(items)
	return q
}

func (q *SimpleQueue[T]) core() *exchange[T] {
	if q == nil {
		return nil
	}
	if q.store == nil {
		q.store = new(ring[T])
	}
	return &q.exchange
}

// Put adds v, or hands it to the greenlet that has waited longest to get one. It never waits nor yields, so a timer's
// function or a hook may call it, too; who puts in a loop should Yield at times. The error is nil or ErrShutdown. Hub
// thread only.
func (q *SimpleQueue[T]) Put(v T) error {
	q.at("SimpleQueue.Put")
	return q.core().accept(v)
}

// Shutdown ends the queue as Queue.Shutdown does. Hub thread only.
func (q *SimpleQueue[T]) Shutdown(immediate bool) { q.shutdown(immediate) }
