package gevent

// A LifoQueue is a Queue that gives out first what came in last. The zero value is one without limit. It must not be
// copied after the first use.
type LifoQueue[T any] struct{ queue[T, lifo[T]] }

// NewLifoQueue is NewQueue for a LifoQueue; the last of items comes out first. Safe from any goroutine.
func NewLifoQueue[T any](max int, items ...T) *LifoQueue[T] {
	q := new(LifoQueue[T])
	q.init(max, items)
	return q
}

func (q *LifoQueue[T]) core() *exchange[T] {
	if q == nil {
		return nil
	}
	return q.open()
}

// lifo is the kind of a LifoQueue.
type lifo[T any] struct{}

func (lifo[T]) store() store[T] { return new(pile[T]) }

var _ storeKind[int] = lifo[int]{}
