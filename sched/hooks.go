package sched

import "time"

// Hooks are called at each event of the scheduler, on its thread: for traces, views and lessons. Each may be nil. They
// must return quickly, and neither wait, nor spawn or wake, nor end the goroutine as t.FailNow does; a panic goes where a
// timer function's does, to Config.OnPanic. With no Hooks at all an event costs one comparison.
//
// Parked, Yielded, and Exited of a task that had started are each followed by one Switched from that task, after whatever
// the loop does to find the next.
type Hooks struct {
	Spawned    func(t *Task)               // by Scheduler.Current, nil in the host and by a post
	Ready      func(t, by *Task)           // t became ready; by the running or ending task, nil by the loop (time, IO, a post)
	Parked     func(t *Task)               // t gives up the CPU to wait, for t.Why
	Yielded    func(t *Task)               // t gives up the CPU and stays ready
	Switched   func(from, to *Task)        // the CPU goes over; the host is a task, too, named "host"; from is to if its own turn came first
	Exited     func(t *Task)               // t is done; those who join it become ready next
	BeforePoll func(timeout time.Duration) // 0: only looks; negative: nothing else can come
	AfterPoll  func()
}

// SetHooks replaces the hooks and returns the former ones; either may be nil. Hub thread only.
func (s *Scheduler) SetHooks(h *Hooks) (former *Hooks) {
	s.mustBeHere("SetHooks")
	former, s.hooks = s.hooks, h
	return former
}

// hook calls fn, which may be nil, contained.
func (s *Scheduler) hook(fn func(*Task), t *Task) {
	if fn == nil {
		return
	}
	s.contain(func() { fn(t) })
}

func (s *Scheduler) readied(t *Task) {
	by := s.current
	if by != nil && (by.state == Parked || by.state == Ready) {
		by = nil // it has given up the CPU, and the loop runs on its stack
	}
	if fn := s.hooks.Ready; fn != nil {
		s.hook(func(t *Task) { fn(t, by) }, t)
	}
}

func (s *Scheduler) switched(from, to *Task) {
	fn := s.hooks.Switched
	if fn == nil {
		return
	}
	returned := false
	defer func() {
		if !returned && to != from && to != &s.host { // the hook called Goexit: to's turn must come again
			s.runq.push(to)
		}
	}()
	s.hook(func(to *Task) { fn(from, to) }, to)
	returned = true
}
