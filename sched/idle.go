package sched

import "time"

// Idle parks the current task until nothing else can run at this moment: no task is ready, no deadline has passed, no event
// and no post has come. Those who wait in it go on one at a time, first come, first served, each once that is so again. Its
// error is one thrown at the task. Hub thread only.
func (s *Scheduler) Idle() error {
	for {
		if err := s.idlers.Wait(s, Why("nothing else to be ready")); err != nil {
			return err
		}
		if s.idler == s.current { // not if somebody else made it ready
			s.idler = nil
			return nil
		}
	}
}

// Drain parks the current task until nothing can happen any more: nothing is ready, no deadline is to come but those of
// other calls of Drain, no event is awaited, and nobody outside holds the scheduler. It is the state that ends Run with
// a DeadlockError if nobody waits for it; all tasks that are left then wait for what cannot come. ErrTimeout tells that
// the deadline came first. All who wait are woken, in the order of their calls. Hub thread only.
func (s *Scheduler) Drain(deadline time.Duration) error {
	for before := s.drained; s.drained == before; { // not if somebody else makes it ready
		if err := s.drainers.WaitUntil(s, Why("all others to end"), deadline); err != nil {
			return err
		}
	}
	return nil
}

// Drained reports whether Drain would return at once, after all that is ready has run. Hub thread only.
func (s *Scheduler) Drained() bool { return s.runq.n == 0 && len(s.timers.heap) == 0 && !s.hopeful() }

// wakeIdler lets the first of those in Idle go on, if nothing is ready after a look at the events, and reports whether
// something is ready then.
func (s *Scheduler) wakeIdler() bool {
	s.poll(0)
	if s.runq.n == 0 && !s.mail.full.Load() {
		s.idler = s.idlers.Wake()
	}
	return s.runq.n > 0
}

// wakeDrainers wakes those in Drain if nothing can happen any more, and reports whether there were any.
func (s *Scheduler) wakeDrainers() bool {
	if s.drainers.list.n == 0 || s.hopeful() {
		return false
	}
	timers := len(s.timers.heap)
	for t := s.drainers.list.head; t != nil; t = t.next {
		if t.alarm.index != 0 {
			timers--
		}
	}
	if timers > 0 {
		return false
	}
	s.drained++
	return s.drainers.WakeAll() > 0
}
