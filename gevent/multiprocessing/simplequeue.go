package multiprocessing

import "greenloop/gevent"

// A SimpleQueue is a Queue without a limit.
type SimpleQueue[T any] struct{ exchange[T] }

// NewSimpleQueue returns an empty queue. The error is as with NewQueue. Hub thread only.
func NewSimpleQueue[T any]() (*SimpleQueue[T], error) {
	x, err := newExchange[T](simpleQueueKind, 0)
	if err != nil {
		return nil, err
	}
	return &SimpleQueue[T]{x}, nil
}

// WithCodec is that of a Queue. Hub thread only.
func (q *SimpleQueue[T]) WithCodec(enc func(v T) ([]byte, error), dec func(b []byte) (T, error)) *SimpleQueue[T] {
	q.setCodec(enc, dec)
	return q
}

// GobDecode opens the queue that has come, for package gob.
func (q *SimpleQueue[T]) GobDecode(b []byte) error { return q.receive(b, simpleQueueKind) }

// Put adds v, as Put of a Queue does. It waits only while another process copies a large item into the queue, or if there
// is no memory left for it. Parks. Hub thread only.
func (q *SimpleQueue[T]) Put(v T) error { return q.put(v, gevent.Never) }
