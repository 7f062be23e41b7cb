package eventlog

import (
	"iter"
	"maps"
	"slices"
	"time"

	"greenloop/sched"
)

// A State is how the scheduler stood between two events. If the recording has not the beginning of the run, three things of
// what was before it are not known: until when a wait lasted that has ended in it, or whose end was moved; the place in the queue, or the delay,
// of a task that was killed before its start; and with a Config.Seed the order of the queue.
type State struct {
	Step    int           // how many events of the recording have happened
	At      time.Duration // when the last of them did
	Running uint64        // the task that has the CPU; 0: the loop, or the host
	Live    map[uint64]bool
	Queue   []uint64 // the ready tasks, in the order in which they became so
	Parked  map[uint64]Wait
	Delayed map[uint64]time.Duration // tasks that start later, and when
	Timers  map[int]time.Duration    // the timers that are armed, and for when

	// Control tells which raw greenlet has control inside a task, and goes on when the task runs. Only tasks of which the
	// recording has a Pass are here; before their first one, also before their spawn, it is who gives control up then.
	Control map[uint64]string
}

// A Wait is what a parked task waits for.
type Wait struct {
	Text     string
	Object   int
	Holders  []uint64      // who had it when the wait began
	Since    time.Duration // 0 if that was before the recording
	Deadline time.Duration // sched.Never if there is none, or it is not known
	Line     Line
}

func newState() State {
	return State{
		Live: make(map[uint64]bool), Parked: make(map[uint64]Wait),
		Delayed: make(map[uint64]time.Duration), Timers: make(map[int]time.Duration), Control: make(map[uint64]string),
	}
}

func (s *State) clone() *State {
	c := *s
	c.Live, c.Parked, c.Delayed, c.Timers = maps.Clone(s.Live), maps.Clone(s.Parked), maps.Clone(s.Delayed), maps.Clone(s.Timers)
	c.Queue, c.Control = slices.Clone(s.Queue), maps.Clone(s.Control)
	return &c
}

// States yields the state before the first event, and that after each. It is one State that changes.
func (r *Recording) States() iter.Seq[*State] {
	return func(yield func(*State) bool) {
		s := r.start.clone()
		if !yield(s) {
			return
		}
		for i := range r.Events {
			s.apply(&r.Events[i])
			if !yield(s) {
				return
			}
		}
	}
}

// State returns the state after so many events, which are not more than there are.
func (r *Recording) State(step int) *State {
	s := r.start.clone()
	for i := range step {
		s.apply(&r.Events[i])
	}
	return s
}

// apply changes s as e did.
func (s *State) apply(e *Event) {
	s.Step++
	s.At = e.At
	switch e.Kind {
	case Spawn:
		s.Live[e.Task] = true
		if e.Deadline != sched.Never {
			s.Delayed[e.Task] = e.Deadline
		} else {
			s.Queue = append(s.Queue, e.Task)
		}
	case Ready:
		delete(s.Parked, e.Task)
		delete(s.Delayed, e.Task)
		s.Queue = append(s.Queue, e.Task)
	case Park:
		s.Running = 0
		s.Parked[e.Task] = Wait{e.Text, e.Object, e.Holders, e.At, e.Deadline, e.Line}
	case Yield:
		s.Running = 0
		s.Queue = append(s.Queue, e.Task)
	case Switch:
		s.unqueue(e.Task)
		s.Running = e.Task
	case Exit:
		if e.Ran {
			s.Running = 0
		}
		s.unqueue(e.Task)
		delete(s.Live, e.Task)
		delete(s.Delayed, e.Task)
		delete(s.Control, e.Task)
	case TimerSet:
		s.Timers[e.Timer] = e.Deadline
	case TimerGone:
		delete(s.Timers, e.Timer)
	case Deadline:
		if w, ok := s.Parked[e.Task]; ok {
			w.Deadline = e.Deadline
			s.Parked[e.Task] = w
		}
	case Pass:
		s.Control[e.Task] = e.To
	}
}

// undo changes s back. What an event does not tell of the time before it (since when a task had waited) stays unknown; so the
// states of the recording itself are made by apply, from the one before the first event. The queue is in reverse, so that who
// was at its head comes back with an append.
func (s *State) undo(e *Event) {
	switch e.Kind {
	case Spawn:
		s.unqueue(e.Task)
		delete(s.Live, e.Task)
		delete(s.Delayed, e.Task)
	case Ready:
		s.unqueue(e.Task)
		if e.Waited {
			s.Parked[e.Task] = Wait{Text: e.Text, Object: e.Object, Deadline: sched.Never}
		} else {
			s.Delayed[e.Task] = e.At
		}
	case Park:
		delete(s.Parked, e.Task)
		s.Running = e.Task
	case Yield:
		s.unqueue(e.Task)
		s.Running = e.Task
	case Switch:
		s.Running = 0
		if e.Task != 0 {
			s.Queue = append(s.Queue, e.Task)
		}
	case Exit:
		s.Live[e.Task] = true
		if e.Ran {
			s.Running = e.Task
		} else {
			s.Queue = append(s.Queue, e.Task) // it was there, or delayed: its spawn will tell if that is in the recording
		}
	case TimerSet:
		delete(s.Timers, e.Timer)
	case TimerGone:
		s.Timers[e.Timer] = e.Deadline
	case Deadline:
		if w, ok := s.Parked[e.Task]; ok {
			w.Deadline = sched.Never // not known
			s.Parked[e.Task] = w
		}
	case Pass:
		s.Control[e.Task] = e.From
	}
}

// unqueue takes a task out of the queue, where it is nearly always the first.
func (s *State) unqueue(id uint64) {
	if i := slices.Index(s.Queue, id); i == 0 {
		s.Queue = s.Queue[1:]
	} else if i > 0 {
		s.Queue = slices.Delete(s.Queue, i, i+1)
	}
}
