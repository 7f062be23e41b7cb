package multiprocessing

import (
	"runtime"
	"time"

	"greenloop/gevent"
)

// A Queue passes items from greenlets of any processes to greenlets of any processes, first in, first out, and holds up
// to a number of them. It travels in the arguments of a process and in values that a Sender sends, and is shared then.
// The items are in shared memory: an item that was put is there for all at once, and stays when the process that has put
// it ends. What a process has taken is its own; if that ends, even by SIGKILL, nobody else is told: see JoinableQueue.
// An item is always either in the queue or taken.
//
// Items travel as values do that a Sender sends, but no handles are in them. Memory is taken as needed, up to the 16 GiB
// (256 MiB on a machine of 32 bits) for which there is address space; a Put waits then. An empty queue keeps 16 MiB of
// it. While an item of more than 16 KiB is copied, others that put, or get, wait.
//
// A queue is never at its end: what tells those who get that nothing comes any more is an item of yours, one for each of
// them: one with a field that says so, or a value that is no item else. A nil pointer cannot travel.
type Queue[T any] struct{ bounded[T] }

// NewQueue returns an empty queue that holds max items, any number if max is not above zero. The error is that of the
// system, such as EMFILE, or errors.ErrUnsupported. Hub thread only.
func NewQueue[T any](max int) (*Queue[T], error) {
	x, err := newExchange[T](queueKind, max)
	if err != nil {
		return nil, err
	}
	return &Queue[T]{bounded[T]{x}}, nil
}

// WithCodec has items encoded by enc and decoded by dec, which may keep what it is given, and returns q. Call it before
// the queue travels, and in each process to which it has travelled. Hub thread only.
func (q *Queue[T]) WithCodec(enc func(v T) ([]byte, error), dec func(b []byte) (T, error)) *Queue[T] {
	q.setCodec(enc, dec)
	return q
}

// GobDecode opens the queue that has come, for package gob.
func (q *Queue[T]) GobDecode(b []byte) error { return q.receive(b, queueKind) }

// bounded is a queue that may have a limit.
type bounded[T any] struct{ exchange[T] }

// Put adds v. If the queue is full it waits until there is room: processes are then served in no order that is said,
// greenlets of one process in the order of their calls. A process that came too late several times is the next, and the
// others wait for it. If v cannot be encoded the error says why; else it is ErrClosed, ErrTooLarge, that of the system,
// or one that was thrown at the greenlet. With an error v is not in the queue. Encoding must not park. Parks. Hub thread
// only.
func (x *bounded[T]) Put(v T) error { return x.put(v, gevent.Never) }

// PutTimeout is Put that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it waits for
// nothing. Parks. Hub thread only.
func (x *bounded[T]) PutTimeout(v T, d time.Duration) error { return x.put(v, d) }

// TryPut is Put that does not wait: it returns ErrFull if it would have to. Does not park. Hub thread only.
func (x *bounded[T]) TryPut(v T) error {
	err := x.put(v, 0)
	if err == gevent.ErrTimeout {
		return gevent.ErrFull
	}
	return err
}

// Cap returns the limit, 0 if there is none. It panics if the queue was closed. Hub thread only.
func (x *bounded[T]) Cap() int {
	g := ring{x.use()}
	defer runtime.KeepAlive(g.r)
	return int(max(g.state().max, 0))
}

// Full reports whether there are as many items as the limit now. It panics if the queue was closed. Hub thread only.
func (x *bounded[T]) Full() bool {
	g := ring{x.use()}
	defer runtime.KeepAlive(g.r)
	l := g.look()
	return g.state().full(&l)
}
