package sched

// Kill ends t as runtime.Goexit does: its deferred functions run and may wait, recover does not see it, and code that
// ignores errors cannot swallow it. It takes effect at once for a task that has not started, whose body then never runs, and
// for the current one, for which Kill does not return; a parked one ends when its turn comes, in its wait; any other, and the
// current one if an OnDone function kills it, at its next park or yield. A wait that was over already counts: its outcome is
// not lost, the kill comes at the next.
// A second kill ends what a deferred function waits for, too; those of a task that does not wait count as one.
// A throw that was not delivered is dropped, it was not meant for a deferred function. Killing a task that is done does
// nothing. Kill does not wait; Join does. Hub thread only.
func (s *Scheduler) Kill(t *Task) {
	s.mustOwn("Kill", t)
	if r := t.rare; r != nil && t.state != Done {
		r.thrown = nil
		if r.onKill != nil {
			r.onKill()
		}
	}
	switch {
	case t.state == Done:
	case !t.started():
		t.killed = true
		t.co.Discard()
		s.finish(t, ErrKilled)
	case t.state == Running && s.telling == 0: // else the rest of who must be told would not be
		t.killed = true
		s.die(t)
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
	s.mustOwn("Throw", t)
	switch {
	case err == nil:
		panic("sched: Throw of a nil error")
	case t.state == Done:
	case !t.started():
		t.co.Discard()
		s.finish(t, err)
	case t.state == Parked && !t.shielded():
		s.wake(t, err)
	default:
		t.seldom().thrown = err
	}
}

// Thrown returns the error of a throw at t that was not delivered yet, nil if there is none. Hub thread only.
func (t *Task) Thrown() error {
	if t.rare == nil {
		return nil
	}
	return t.rare.thrown
}

// Killed reports whether t was killed, even if that has still to take effect. Hub thread only.
func (t *Task) Killed() bool { return t.killed || t.killing }

// OnKill has fn called at each kill of t that has an effect, before any deferred function of t runs. There is one such
// function; nil for none. It is for layers above, and must neither wait nor panic. Hub thread only.
func (t *Task) OnKill(fn func()) { t.seldom().onKill = fn }

// Retract takes back a throw of err, that very value, which was not delivered, and reports whether there was one: a
// deadline that is over must not hit what comes after it. Hub thread only.
func (s *Scheduler) Retract(t *Task, err error) bool {
	s.mustOwn("Retract", t)
	if t.rare == nil || t.rare.thrown != err { //nolint:errorlint // that very value
		return false
	}
	t.rare.thrown = nil
	return true
}

// Canceled returns the error that Cancel gave last, nil if it was taken back or t is done. Hub thread only.
func (t *Task) Canceled() error {
	if t.rare == nil {
		return nil
	}
	return t.rare.canceled
}

// Postpone gives back the error of a throw that ended a wait of the current task although what it waited for had come, on
// another thread: the wait keeps its outcome, and err ends the next one. A throw that came since then stays; a Cancel, which
// ends the next wait anyway, is not given back. Hub thread only.
func (s *Scheduler) Postpone(err error) {
	r := s.task("Postpone").seldom()
	if r.thrown == nil && r.canceled != err { //nolint:errorlint // that very value
		r.thrown = err
	}
}

// Cancel ends the wait of t with err, and every later one as soon as it would begin, until Cancel with a nil error takes that
// back: what ignores errors and tries again is told again, and yields now and then as by Spend. What does not need to wait
// succeeds as before; a throw that was not delivered comes first, and a kill goes through. It does nothing to a task that
// is done. Hub thread only.
func (s *Scheduler) Cancel(t *Task, err error) {
	s.mustOwn("Cancel", t)
	if t.state == Done || err == nil && t.rare == nil {
		return
	}
	t.seldom().canceled = err
	if err != nil && t.state == Parked && !t.shielded() {
		s.wake(t, err)
	}
}

// Shield keeps Throw and Cancel away from the waits of the current task, or ends that, and returns what was before. It is for
// what must be put in order whatever happens, such as taking back a lock. What comes meanwhile is told to the first wait
// after it. A kill goes through. Hub thread only.
func (s *Scheduler) Shield(on bool) (was bool) {
	r := s.task("Shield").seldom()
	was, r.shielded = r.shielded, on
	return was
}

func (t *Task) shielded() bool { return t.rare != nil && t.rare.shielded }
