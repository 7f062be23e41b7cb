package schedtest

import (
	"slices"
	"sync/atomic"
	"time"

	"greenloop/sched"
)

// An Event is what tasks await of a scripted Poller, such as "readable 1". Like the readiness of a file it is
// kept if nobody waits: then it ends the next wait at once.
type Event struct {
	poller  *Poller
	name    string
	waiters sched.WaitQueue
	set     atomic.Bool
}

// String returns the event's name, which is what a parked task's reason shows.
func (e *Event) String() string { return e.name }

// Fire makes the event come at the scheduler's next look at its poller: all who await it then become ready, in the order
// of their calls. On a goroutine that is not the scheduler's, call it inside Sim.Outside or under a Hold, else the
// waiting task may be taken for deadlocked before. Safe from any goroutine.
func (e *Event) Fire() {
	e.mark()
	e.poller.Wake()
}

func (e *Event) mark() {
	e.poller.mu.Lock()
	defer e.poller.mu.Unlock()
	e.set.Store(true)
	e.poller.fired = append(e.poller.fired, e)
}

// FireAt scripts the event for a time of the virtual clock. Equal times come in the order of the calls. Hub thread only.
func (e *Event) FireAt(at time.Duration) {
	p := e.poller
	i := len(p.script)
	for i > 0 && p.script[i-1].at > at {
		i--
	}
	p.script = slices.Insert(p.script, i, act{at, e})
}

// Await parks the current task of s until the event comes, or returns at once if it came while nobody waited. Its error is
// that of a Throw. Hub thread only.
func (e *Event) Await(s *sched.Scheduler) error { return e.AwaitUntil(s, sched.Never) }

// AwaitUntil is Await with a deadline, at which it returns sched.ErrTimeout. Hub thread only.
func (e *Event) AwaitUntil(s *sched.Scheduler, deadline time.Duration) error {
	if e.set.Swap(false) {
		return nil
	}
	return e.waiters.WaitUntil(s, e, deadline)
}
