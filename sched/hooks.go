package sched

import (
	"slices"
	"time"
)

// Hooks are called at each event of the scheduler, on its thread: for traces, views and lessons. Each may be nil. They
// must return quickly, and neither wait, nor spawn, wake or arm a timer, nor end the goroutine as t.FailNow does; a panic goes
// where a timer function's does, to Config.OnPanic, and other hooks see the event nevertheless. With no Hooks at all an event
// costs one comparison.
//
// Parked, Yielded, and Exited of a task that had started are each followed by one Switched from that task, after whatever
// the loop does to find the next.
type Hooks struct {
	Spawned    func(t *Task)               // by Scheduler.Current, nil in the host and by a post; it is Ready, or Delayed
	Ready      func(t, by *Task)           // t became ready; by the running or ending task, nil by the loop (time, IO, a post)
	Parked     func(t *Task)               // t gives up the CPU to wait, for t.Why
	Yielded    func(t *Task)               // t gives up the CPU and stays ready
	Switched   func(from, to *Task)        // the CPU goes over; the host is a task, too, named "host"; from is to if its own turn came first
	Exited     func(t *Task)               // t is done; those who join it become ready next
	BeforePoll func(timeout time.Duration) // 0: only looks; negative: nothing else can come
	AfterPoll  func()

	TimerSet      func(t *Timer, deadline time.Duration)             // a Timer was armed
	TimerGone     func(t *Timer, deadline time.Duration, fired bool) // it was stopped, or calls its function next
	DeadlineMoved func(t *Task)                                      // SetTimeout has changed t.Deadline, the end of its present wait

	Added   func(s *Scheduler) // these hooks are called from now on, by New or AddHooks, where it may panic: then they are not
	Removed func(s *Scheduler) // they are called no more, but for the rest of an event that is under way
}

// AddHooks has h called at each event from now on, after the hooks that are there, until remove is called, once or more
// often. It does not matter in which order those that are added are removed. Hub thread only; before the first Run also
// whoever will call it.
func (s *Scheduler) AddHooks(h *Hooks) (remove func()) {
	s.mustBeHere("AddHooks")
	if h == nil {
		panic("sched: AddHooks of nil")
	}
	if h.Added != nil {
		h.Added(s) // first: if it panics nothing has been added
	}
	added := &addedHooks{h}
	s.added = append(slices.Clone(s.added), added) // a hook that is under way has the former slice
	s.joinHooks()
	return func() {
		s.mustBeHere("the function that AddHooks returned")
		i := slices.Index(s.added, added)
		if i < 0 {
			return
		}
		s.added = slices.Delete(slices.Clone(s.added), i, i+1)
		s.joinHooks()
		if h.Removed != nil {
			h.Removed(s)
		}
	}
}

type addedHooks struct{ *Hooks }

// joinHooks makes one of all: nil if there are none, so that an event costs one comparison.
func (s *Scheduler) joinHooks() {
	all := make([]*Hooks, len(s.added))
	for i, a := range s.added {
		all[i] = a.Hooks
	}
	s.hooks = Tee(all...)
}

// hook calls fn, which may be nil, as contain does, without making a function of it for that: two hooks a switch.
func (s *Scheduler) hook(fn func(*Task), t *Task) {
	if fn == nil {
		return
	}
	returned := false
	defer func() {
		if !returned {
			s.caught(recover())
		}
	}()
	fn(t)
	returned = true
}

func (s *Scheduler) readied(t *Task) {
	by := s.current
	if by != nil && (by.state == Parked || by.state == Ready) {
		by = nil // it has given up the CPU, and the loop runs on its stack
	}
	if fn := s.hooks.Ready; fn != nil {
		s.contain(func() { fn(t, by) })
	}
}

func (s *Scheduler) timerSet(t *Timer, deadline time.Duration) {
	if fn := s.hooks.TimerSet; fn != nil {
		s.contain(func() { fn(t, deadline) })
	}
}

func (s *Scheduler) timerGone(t *Timer, deadline time.Duration, fired bool) {
	if fn := s.hooks.TimerGone; fn != nil {
		s.contain(func() { fn(t, deadline, fired) })
	}
}

func (s *Scheduler) switched(from, to *Task) {
	fn := s.hooks.Switched
	if fn == nil {
		return
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v, goesOn := recover(), false
		defer func() {
			if !goesOn && to != from && to != &s.host { // the hook, or who is told of its panic, called Goexit: to's turn must come again
				s.runq.push(to)
			}
		}()
		s.caught(v)
		goesOn = v != nil
	}()
	fn(from, to)
	returned = true
}
