package sched

import "runtime/debug"

// guard calls a function of the user's from the loop or at an event, on the stack of some task that has nothing to do
// with it and must not be unwound by its panic, which is returned.
func (s *Scheduler) guard(fn func()) (panicked *PanicError) {
	returned := false
	defer func() {
		switch v := recover(); {
		case returned:
		case v != nil:
			panicked = &PanicError{v, debug.Stack()}
		default:
			s.goexited()
		}
	}()
	fn()
	returned = true
	return nil
}

// contain is guard that reports the panic.
func (s *Scheduler) contain(fn func()) {
	if p := s.guard(fn); p != nil {
		s.report(nil, p)
	}
}

// caught is for a deferred function that contains a hook which did not return: v is what it panicked with, nil if it called
// runtime.Goexit.
func (s *Scheduler) caught(v any) {
	if v == nil {
		s.goexited()
		return
	}
	s.report(nil, &PanicError{v, debug.Stack()})
}

// goexited is called when a function of the user's has called runtime.Goexit (as t.FailNow does) while the loop ran on
// the stack of the current task. That cannot be stopped: this task ends, too. So Run ends, and the Goexit goes on in
// its caller.
func (s *Scheduler) goexited() {
	s.goexit = true
	s.stop()
	t := s.current
	if t == nil || t.state != Parked && t.state != Ready {
		return // the host's own stack, or a hook that was called in a task's own call
	}
	// What its deferred functions find must be a task that runs, and hooks must see it go on.
	if t.state == Parked {
		s.wake(t, nil)
	}
	if t.queue != nil {
		t.queue.remove(t)
	}
	t.state, t.reason, t.dying, t.killed = Running, nil, false, true
	t.wait++
	if s.hooks != nil {
		s.switched(t, t)
	}
}

// report tells OnPanic of a panic in t, or in a function that no task called, if t is nil. The latter ends Run if there
// is nobody to tell, and so does the handler's own panic when it is told of that.
func (s *Scheduler) report(t *Task, p *PanicError) {
	if s.onPanic == nil {
		if t == nil {
			s.fail(p)
		}
		return
	}
	if own := s.guard(func() { s.onPanic(t, p) }); own != nil {
		if t == nil {
			s.fail(own)
			return
		}
		s.report(nil, own)
	}
}
