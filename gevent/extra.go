package gevent

import "greenloop/sched"

// An extra is what this package keeps with a task, whoever spawned it, beside what the scheduler does: with greenlets, main and
// posts. It is attached to the task when the first of it is needed, and goes with the task's end. Most tasks have none.
type extra struct {
	task *sched.Task

	scope  *scope   // the innermost
	root   scope    // the outermost: the task as a whole
	thrown *Timeout // the last whose error was thrown; it was delivered, unless the task still has it

	observers observers // of its end
	observed  bool      // it will tell them
	links     []*Link   // those of the observers that are links
	locals    []forgetter
	tree      *treeValue
}

// extraOf returns the extra of t, and makes it if there is none.
func extraOf(t *sched.Task) *extra {
	if x, ok := t.Attached().(*extra); ok {
		return x
	}
	x := &extra{task: t}
	x.root = scope{x: x, deadline: Never}
	x.scope = &x.root
	t.Attach(x)
	t.OnDone(x.done)
	return x
}

// lookExtra returns the extra of t, nil if there is none, or if t is nil.
func lookExtra(t *sched.Task) *extra {
	if t == nil {
		return nil
	}
	x, _ := t.Attached().(*extra)
	return x
}

// extraHere returns the extra of the current task, or panics.
func extraHere(call string) *extra { return extraOf(current(call).task(call)) }

// task returns the task in which the caller runs, or panics.
func (h *Hub) task(call string) *sched.Task {
	if t := h.sched.Current(); t != nil {
		return t
	}
	panic("gevent: " + call + " called outside a greenlet, in a hook or in a function of the loop, which cannot wait; spawn a " +
		"greenlet that does it")
}

// done leaves the scopes that are left: those of Timeouts that nobody has canceled, and of generators that live on.
// None knows the task from then on, which may be used for another one.
func (x *extra) done() {
	for x.scope != nil {
		x.scope.leave()
	}
}

// killed is called at each kill of the task.
func (x *extra) killed() {
	for s := x.scope; s != nil; s = s.parent {
		if s.context != nil {
			s.context.cancel(ErrExit)
		}
	}
}
