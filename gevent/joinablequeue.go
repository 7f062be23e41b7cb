package gevent

import (
	"time"

	"greenloop/sched"
)

// A JoinableQueue is a Queue. Every queue with a limit, of any order, counts the items that were put and not yet said
// to be done.
type JoinableQueue[T any] = Queue[T]

// Unfinished returns how many items were put, those included that the queue began with, and not yet reported by
// TaskDone. Hub thread only.
func (q *queue[T, K]) Unfinished() int { return q.unfinished }

// TaskDone reports that one item that was got is dealt with. When all are, those who join are woken. It panics if
// more are reported than were put. It does not wait. Hub thread only.
func (q *queue[T, K]) TaskDone() {
	q.at("Queue.TaskDone")
	if q.unfinished == 0 {
		panic("gevent: TaskDone without an item that is unfinished; call it once for each item that was got")
	}
	q.done(1)
}

func (q *queue[T, K]) done(items int) {
	q.unfinished -= min(items, q.unfinished) // what Shutdown drops may be said to be done already
	if q.unfinished == 0 {
		q.rounds++
		q.joiners.WakeAll()
	}
}

// Join waits until all items that were put are done; it returns at once if they are. All who wait are woken, in the
// order of their calls, even if another item is put before they run. The error is one that was thrown at the caller.
// Parks. Hub thread only.
func (q *queue[T, K]) Join() error {
	return q.join(q.at("Queue.Join"), sched.Never)
}

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready, once. Parks. Hub thread only.
func (q *queue[T, K]) JoinTimeout(d time.Duration) error {
	h := q.at("Queue.JoinTimeout")
	if d <= 0 && q.unfinished > 0 {
		h.sched.Yield()
	}
	return q.join(h, h.sched.After(d))
}

func (q *queue[T, K]) join(h *Hub, deadline time.Duration) error {
	for round := q.rounds; q.unfinished > 0 && q.rounds == round; { // a Ready that was not ours does not count
		if err := q.joiners.WaitUntil(h.sched, queueJoin, deadline); err != nil {
			return err
		}
	}
	return nil
}
