package sched

import "time"

// list is a FIFO of tasks with O(1) removal: the run queue is one, and so is the inside of every wait queue. A task is in
// one list at the most, linked through fields of its own, so that nothing is allocated.
type list struct {
	head, tail *Task
	n          int
}

func (l *list) push(t *Task) {
	t.queue, t.prev = l, l.tail
	if l.tail != nil {
		l.tail.next = t
	} else {
		l.head = t
	}
	l.tail = t
	l.n++
}

func (l *list) pop() *Task {
	t := l.head
	if t == nil {
		return nil
	}
	l.head = t.next
	if l.head != nil {
		l.head.prev = nil
	} else {
		l.tail = nil
	}
	t.next, t.queue = nil, nil
	l.n--
	return t
}

func (l *list) remove(t *Task) {
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		l.head = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	} else {
		l.tail = t.prev
	}
	t.next, t.prev, t.queue = nil, nil, nil
	l.n--
}

// A WaitQueue is where tasks wait for one thing, first come, first served. It is under every primitive. A task that is
// killed, thrown at or timed out leaves it at that moment, so whoever is woken does wait. The zero value is empty; it must
// not be copied while tasks wait. Hub thread only.
type WaitQueue struct{ list list }

// Wait parks the current task in the queue until it is woken. What ends the wait early is told at Park. Hub thread only.
func (q *WaitQueue) Wait(s *Scheduler, why Reason) error {
	return s.await(nil, &q.list, "Wait", why, Never)
}

// WaitUntil is Wait with a deadline on the scheduler's clock, at which it returns ErrTimeout; a deadline that has passed
// is reported without parking. Hub thread only.
func (q *WaitQueue) WaitUntil(s *Scheduler, why Reason, deadline time.Duration) error {
	return s.await(nil, &q.list, "WaitUntil", why, deadline)
}

// Wake makes the task ready that has waited longest and returns it, nil if none waits. Hub thread only.
func (q *WaitQueue) Wake() *Task {
	t := q.list.head
	if t != nil {
		t.s.mustBeHere("Wake")
		t.s.wake(t, nil)
	}
	return t
}

// WakeAll makes all ready that wait now, in the order of their arrival, and returns how many. Hub thread only.
func (q *WaitQueue) WakeAll() int {
	n := q.list.n
	for range n {
		q.Wake()
	}
	return n
}

// Len returns how many tasks wait. Hub thread only.
func (q *WaitQueue) Len() int { return q.list.n }

// First returns the task that has waited longest, nil if none waits. Hub thread only.
func (q *WaitQueue) First() *Task { return q.list.head }
