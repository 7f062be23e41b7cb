package gevent

import (
	"errors"
	"time"

	"greenloop/sched"
)

// A line is a wait queue in which turns are given: its waiters go on by a turn, not by whoever else makes them ready.
type line struct {
	queue sched.WaitQueue
	given turns
}

// turns counts those that were given to greenlets which have not run since.
type turns int

// take parks the current greenlet in q until it has a turn. A turn given in time is kept: a kill or throw that comes
// after it belongs to the next wait.
func (n *turns) take(h *Hub, q *sched.WaitQueue, why sched.Reason, deadline time.Duration) error {
	for {
		if err := q.WaitUntil(h.sched, why, deadline); err != nil {
			return err
		}
		if n.taken() {
			return nil
		}
	}
}

// taken reports whether a turn was given, and takes it.
func (n *turns) taken() bool {
	if *n == 0 {
		return false
	}
	*n--
	return true
}

// give gives a turn to the greenlet that has waited longest in q and returns its task, nil if none waits.
func (n *turns) give(q *sched.WaitQueue) *sched.Task {
	t := q.Wake()
	if t != nil {
		*n++
	}
	return t
}

func (l *line) take(h *Hub, why sched.Reason, deadline time.Duration) error {
	return l.given.take(h, &l.queue, why, deadline)
}

func (l *line) give() *sched.Task {
	if l.queue.First() == nil {
		return nil
	}
	return l.given.give(&l.queue)
}

func (l *line) giveAll() { l.given += turns(l.queue.WakeAll()) }

// maxKills bounds how often insist goes on waiting, for locks that are held in a cycle, which only a Release by a
// stranger can bring about.
const maxKills = 100

// insist is take that gives up for nothing: what is thrown, or a canceled scope, is told to the next wait, and a kill
// takes effect when the turn has come, though that costs the place in the line. Only when a kill finds that it never
// can, as hopeless tells, insist ends without.
func (l *line) insist(h *Hub, why sched.Reason, hopeless func() bool, kills int) {
	var shield *scope
	if x := lookExtra(h.sched.Current()); x != nil {
		shield = &scope{shield: true, deadline: Never}
		shield.raise(x) // a Timeout waits there; the other shield would have it try to throw again and again
	}
	was, taken := h.sched.Shield(true), false
	defer func() {
		h.sched.Shield(was)
		if shield != nil {
			shield.lower()
		}
		if !taken && kills < maxKills && !hopeless() {
			l.insist(h, why, hopeless, kills+1)
		}
	}()
	_ = l.take(h, why, sched.Never) // shielded, it can end by a turn or a kill only
	taken = true
}

// chance is a wait of no time: it lets run all that is ready, and then tries once more.
func (h *Hub) chance(try func() bool) error {
	if try() {
		return nil
	}
	h.sched.Yield()
	if try() {
		return nil
	}
	return ErrTimeout
}

// expired reports whether err is that of a wait whose deadline has passed, and not one that was thrown.
func (h *Hub) expired(err error, deadline time.Duration) bool {
	return errors.Is(err, ErrTimeout) && deadline <= h.sched.Now()
}

// atOnce counts an operation that may not have to wait, so that a greenlet which never has to starves nobody.
func (h *Hub) atOnce() {
	if h.sched.Current() != nil {
		h.sched.Spend()
	}
}

// holders is the answer of a sched.Reason that can name who is waited for.
func holders(t *sched.Task) []*sched.Task {
	if t == nil {
		return nil
	}
	return []*sched.Task{t}
}
