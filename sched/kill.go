package sched

import "runtime"

// Kill ends t as runtime.Goexit does: its deferred functions run and may wait, recover does not see it, and code that
// ignores errors cannot swallow it. It takes effect at once for a task that has not started, whose body then never runs, and
// for the current one, for which Kill does not return; a parked one ends when its turn comes, in its wait; any other at its
// next park or yield. A wait that was over already counts: its outcome is not lost, the kill comes at the next.
// Each call counts: a second kill also ends what a deferred function waits for. Killing a task that is done does nothing.
// Kill does not wait; Join does. Hub thread only.
func (s *Scheduler) Kill(t *Task) {
	s.mustBeHere("Kill")
	switch {
	case t.s != s:
		panic("sched: Kill of a task of another scheduler, or of one never started; use Post to reach another scheduler")
	case t.state == Done:
	case !t.started:
		t.co.Discard()
		s.finish(t, ErrKilled)
	case t == s.current:
		t.killed = true
		runtime.Goexit()
	case t.state == Parked:
		t.dying, t.killed = true, true
		s.wake(t, nil)
	default:
		t.killing, t.killed = true, true
	}
}

// Throw ends the wait of t with err: it is returned, once, by the call in which t is parked, or by its next
// park if it is not parked now. A later throw replaces one that was not delivered. A task that has not started ends
// with err as its outcome; one that is done ignores it. Hub thread only.
func (s *Scheduler) Throw(t *Task, err error) {
	s.mustBeHere("Throw")
	switch {
	case err == nil:
		panic("sched: Throw of a nil error")
	case t.s != s:
		panic("sched: Throw at a task of another scheduler, or at one never started; use Post to reach another scheduler")
	case t.state == Done:
	case !t.started:
		t.co.Discard()
		s.finish(t, err)
	case t.state == Parked:
		s.wake(t, err)
	default:
		t.seldom().thrown = err
	}
}
