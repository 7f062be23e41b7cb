package multiprocessing

import (
	"reflect"
	"time"
)

// A QueueProxy is a queue in a manager, as its clients see it; QueueOf makes it. It is first in, first out, and who
// waits is served in the order of the calls.
//
// An item goes to one caller, and only if that is there to take it: if the caller was interrupted, or its process has
// died before it had the item, the item goes back to the front. One that cannot be decoded is lost: Get returns why.
// Over TCP an item can come twice, if the connection breaks right after it has come. What is said of a DictProxy about
// errors and about values holds here, too.
type QueueProxy[T any] struct {
	proxy
	values codec[T]
}

// QueueOf makes a queue in the manager that holds max items, any number if max is not above zero. Parks. Hub thread only.
func QueueOf[T any](m *Manager, max int) (*QueueProxy[T], error) {
	p, err := m.create(kindOfQueue, reflect.TypeFor[T]().String(), func(b []byte) []byte { return appendInt(b, max) })
	if err != nil {
		return nil, err
	}
	return &QueueProxy[T]{proxy: p}, nil
}

// codec is made when it is needed, since it does not travel.
func (q *QueueProxy[T]) codec() *codec[T] {
	if q.values.encode == nil {
		q.values = codecOf[T]()
	}
	return &q.values
}

// Put adds v at the end, and waits as long as the queue is full. A caller that is interrupted may have put it all the
// same. Parks. Hub thread only.
func (q *QueueProxy[T]) Put(v T) error { return q.put(v, false) }

// PutTimeout is Put that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (q *QueueProxy[T]) PutTimeout(v T, d time.Duration) error {
	return within(d, func() error { return q.Put(v) })
}

// TryPut is Put that returns gevent.ErrFull where that would wait for room. Parks. Hub thread only.
func (q *QueueProxy[T]) TryPut(v T) error { return q.put(v, true) }

func (q *QueueProxy[T]) put(v T, try bool) error {
	item, err := toManager(q.codec(), &v)
	if err != nil {
		return err
	}
	_, err = q.call(opQueuePut, func(b []byte) []byte { return appendBytes(appendFlag(b, try), item) })
	return err
}

// Get takes the next item, and waits for one if there is none. Parks. Hub thread only.
func (q *QueueProxy[T]) Get() (T, error) { return q.get(false) }

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (q *QueueProxy[T]) GetTimeout(d time.Duration) (v T, err error) {
	err = within(d, func() (err error) {
		v, err = q.Get()
		return err
	})
	return v, err
}

// TryGet is Get that returns gevent.ErrEmpty where that would wait for an item. Parks. Hub thread only.
func (q *QueueProxy[T]) TryGet() (T, error) { return q.get(true) }

func (q *QueueProxy[T]) get(try bool) (v T, err error) {
	b, err := q.ask(&managerAsk{
		object: q.object, op: opQueueGet,
		args:    func(b []byte) []byte { return appendFlag(b, try) },
		confirm: true, undo: rejectItem,
	})
	if err != nil {
		return v, err
	}
	return fromManager(q.codec(), b)
}

// Len returns how many items there are. Parks. Hub thread only.
func (q *QueueProxy[T]) Len() (int, error) { return q.count(opQueueLen, nil) }

// Empty reports whether there is no item. Parks. Hub thread only.
func (q *QueueProxy[T]) Empty() (bool, error) {
	n, err := q.Len()
	return err == nil && n == 0, err
}

// Full reports whether a Put would wait. Parks. Hub thread only.
func (q *QueueProxy[T]) Full() (bool, error) { return q.flag(opQueueFull, nil) }
