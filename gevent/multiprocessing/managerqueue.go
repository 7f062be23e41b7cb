package multiprocessing

import (
	"bytes"

	"greenloop/gevent"
)

// A managedQueue is a queue in the manager. Who waits to get finds it empty, and who waits to put finds no room.
type managedQueue struct {
	max              int // 0: no limit
	items            [][]byte
	first            int // item
	getters, putters callLine
}

const kindOfQueue = "queue"

func init() {
	managedKinds[kindOfQueue] = func(args *fieldReader) managedObject { return &managedQueue{max: max(args.int(), 0)} }
}

func (q *managedQueue) size() int  { return len(q.items) - q.first }
func (q *managedQueue) room() bool { return q.max == 0 || q.size() < q.max }

func (q *managedQueue) do(c *managerCall, op managerOp, args *fieldReader) {
	switch op {
	case opQueuePut:
		if try, item := args.flag(), args.bytes(); args.done() {
			q.put(c, bytes.Clone(item), try)
		}
	case opQueueGet:
		if try := args.flag(); args.done() {
			q.get(c, try)
		}
	case opQueueLen:
		if args.done() {
			c.count(q.size())
		}
	case opQueueFull:
		if args.done() {
			c.flag(!q.room())
		}
	}
}

func (q *managedQueue) put(c *managerCall, item []byte, try bool) {
	switch getter := q.getters.take(); {
	case getter != nil:
		q.give(getter, item)
	case q.room():
		q.items = append(q.items, item)
	case try:
		c.fail(gevent.ErrFull)
		return
	default:
		c.value = item
		q.putters.wait(c)
		return
	}
	c.done()
}

func (q *managedQueue) get(c *managerCall, try bool) {
	switch {
	case q.size() > 0:
		q.give(c, q.pop())
		for q.room() && q.putters.first != nil {
			putter := q.putters.take()
			q.items = append(q.items, putter.value)
			putter.done()
		}
	case try:
		c.fail(gevent.ErrEmpty)
	default:
		q.getters.wait(c)
	}
}

// give hands an item over. If nobody is there to take it, it comes back as the next one.
func (q *managedQueue) give(c *managerCall, item []byte) {
	c.hand(func() { q.pushFront(item) }, q.serve)
	c.bytes(item)
}

// pushFront makes room for many at once, so that not each item that comes back moves all the others.
func (q *managedQueue) pushFront(item []byte) {
	if q.first == 0 {
		q.first = len(q.items)/2 + 1
		q.items = append(make([][]byte, q.first), q.items...)
	}
	q.first--
	q.items[q.first] = item
}

// serve hands out what has come back.
func (q *managedQueue) serve() {
	for q.size() > 0 && q.getters.first != nil {
		q.give(q.getters.take(), q.pop())
	}
}

func (q *managedQueue) pop() []byte {
	item := q.items[q.first]
	q.items[q.first] = nil
	q.first++
	if q.first > 32 && 2*q.first > len(q.items) {
		q.items = append(make([][]byte, 0, 2*q.size()), q.items[q.first:]...)
		q.first = 0
	}
	return item
}

func (q *managedQueue) dropped() {
	q.getters.failAll(ErrNoObject)
	q.putters.failAll(ErrNoObject)
}
