package sched

import "time"

// Tee returns hooks that call those of each of hooks in turn, all of them even if one panics; of several panics at one event the
// last is reported. Nil ones are left out. It returns nil if none is left, and the hooks themselves if it is one alone, so that
// they cost no more than they must.
func Tee(hooks ...*Hooks) *Hooks {
	all := make([]*Hooks, 0, len(hooks))
	for _, h := range hooks {
		if h != nil {
			all = append(all, h)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return &Hooks{
		Spawned:       each(all, func(h *Hooks) func(*Task) { return h.Spawned }),
		Ready:         pair(all, func(h *Hooks) func(_, _ *Task) { return h.Ready }),
		Parked:        each(all, func(h *Hooks) func(*Task) { return h.Parked }),
		Yielded:       each(all, func(h *Hooks) func(*Task) { return h.Yielded }),
		Switched:      pair(all, func(h *Hooks) func(_, _ *Task) { return h.Switched }),
		Exited:        each(all, func(h *Hooks) func(*Task) { return h.Exited }),
		BeforePoll:    each(all, func(h *Hooks) func(time.Duration) { return h.BeforePoll }),
		AfterPoll:     none(all, func(h *Hooks) func() { return h.AfterPoll }),
		TimerSet:      pair(all, func(h *Hooks) func(*Timer, time.Duration) { return h.TimerSet }),
		TimerGone:     triple(all, func(h *Hooks) func(*Timer, time.Duration, bool) { return h.TimerGone }),
		DeadlineMoved: each(all, func(h *Hooks) func(*Task) { return h.DeadlineMoved }),
		Added:         each(all, func(h *Hooks) func(*Scheduler) { return h.Added }),
		Removed:       each(all, func(h *Hooks) func(*Scheduler) { return h.Removed }),
	}
}

// calls returns those functions of hooks that are there.
func calls[F any](hooks []*Hooks, field func(*Hooks) F, there func(F) bool) (fns []F) {
	for _, h := range hooks {
		if fn := field(h); there(fn) {
			fns = append(fns, fn)
		}
	}
	return fns
}

// inTurn calls each of fns, the rest of them also when one does not return: a log that misses an event tells a wrong story.
func inTurn[F any](fns []F, call func(F)) {
	defer func() {
		if len(fns) > 0 {
			inTurn(fns, call)
		}
	}()
	for len(fns) > 0 {
		fn := fns[0]
		fns = fns[1:]
		call(fn)
	}
}

func none(hooks []*Hooks, field func(*Hooks) func()) func() {
	fns := calls(hooks, field, func(fn func()) bool { return fn != nil })
	if len(fns) == 0 {
		return nil
	}
	return func() {
		inTurn(fns, func(fn func()) { fn() })
	}
}

func each[A any](hooks []*Hooks, field func(*Hooks) func(A)) func(A) {
	fns := calls(hooks, field, func(fn func(A)) bool { return fn != nil })
	if len(fns) == 0 {
		return nil
	}
	return func(a A) {
		inTurn(fns, func(fn func(A)) { fn(a) })
	}
}

func pair[A, B any](hooks []*Hooks, field func(*Hooks) func(A, B)) func(A, B) {
	fns := calls(hooks, field, func(fn func(A, B)) bool { return fn != nil })
	if len(fns) == 0 {
		return nil
	}
	return func(a A, b B) {
		inTurn(fns, func(fn func(A, B)) { fn(a, b) })
	}
}

func triple[A, B, C any](hooks []*Hooks, field func(*Hooks) func(A, B, C)) func(A, B, C) {
	fns := calls(hooks, field, func(fn func(A, B, C)) bool { return fn != nil })
	if len(fns) == 0 {
		return nil
	}
	return func(a A, b B, c C) {
		inTurn(fns, func(fn func(A, B, C)) { fn(a, b, c) })
	}
}
