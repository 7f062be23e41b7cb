package gevent

import "greenloop/sched"

// An extra is what few tasks have, whatever they were started as: greenlets, main, posts. It is attached to the task
// when the first of it is needed, and goes with the task's end.
type extra struct {
	observers observers // of its end
	observed  bool      // it will tell them
	links     []*Link   // those of the observers that are links
	locals    []forgetter
	tree      *treeValue
	nursery   *Nursery // the innermost of those whose body runs in the task
	scope     any
}

// extraOf returns what t has, and makes it if there is none.
func extraOf(t *sched.Task) *extra {
	e, _ := t.Attached().(*extra)
	if e == nil {
		e = new(extra)
		t.Attach(e)
	}
	return e
}

// lookExtra returns what t has, nil if nothing or if t is nil.
func lookExtra(t *sched.Task) *extra {
	if t == nil {
		return nil
	}
	e, _ := t.Attached().(*extra)
	return e
}

// task returns the task in which the caller runs, or panics.
func (h *Hub) task(call string) *sched.Task {
	if t := h.sched.Current(); t != nil {
		return t
	}
	panic("gevent: " + call + " called outside a greenlet, in a hook or in a function of the loop; call it in a greenlet")
}
