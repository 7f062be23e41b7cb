package greenlet

import (
	"runtime/debug"

	"greenloop/runtime/coro"
)

// A tree is all the greenlets that switch to one another. One of them at most runs or waits in a scheduler; that is why
// trees keep apart: to resume from another task one that waits there would have two tasks run on one stack.
type tree struct {
	local *local
	root  *flow
	into  *tree // the tree that has taken this one over, after the task of the root had ended
	open  link  // its greenlets and generators that are started and not ended
	young bool  // some of them have not lived through a garbage collection

	attending bool // to what is abandoned: not again in a deferred function, but another task may, while that waits
}

// enroll puts what has just started among those that are open.
func (t *tree) enroll(x *link, what ender) {
	t.open.add(x, what)
	t.rejuvenate()
}

// rejuvenate has grow called after the next garbage collection.
func (t *tree) rejuvenate() {
	if !t.young {
		t.young = true
		t.local.nursery = append(t.local.nursery, t)
		t.local.expect()
	}
}

// grow tells those that are open that they have lived through a garbage collection. The newest are last.
func (t *tree) grow() {
	t.young = false
	for x := t.open.prev; x != &t.open && !x.old; x = x.prev {
		x.old = true
		x.what.age()
	}
}

// inherit takes over all that is open in from.
func (t *tree) inherit(from *tree) {
	if from.open.empty() {
		return
	}
	for x := from.open.next; x != &from.open; x = x.next {
		x.old = false // what was young in t is found only behind what is young
	}
	t.open.take(&from.open)
	t.rejuvenate()
}

// top returns the tree to which t belongs now.
func (t *tree) top() *tree {
	for t.into != nil {
		if t.into.into != nil {
			t.into = t.into.into
		}
		t = t.into
	}
	return t
}

// reach panics if me may not switch to g. If g was left over by a task that has ended, me takes its tree over.
func (l *local) reach(call string, me *flow, g *Greenlet) {
	mine, t := me.tree.top(), g.flow.tree.top()
	switch {
	case mine == t:
	case mine.local != t.local:
		t.local.misplaced(call)
	case !t.root.gone():
		panic("greenlet: " + call + " to " + g.String() + " of another task; only the greenlets of one task switch to one another: " +
			"wake the other task through its scheduler instead, with a queue or an event")
	default:
		t.root.parent = me.self()
		t.into = mine
		mine.inherit(t)
	}
}

// A link holds a greenlet or a generator in the ring of those that are open.
type link struct {
	prev, next *link
	what       ender
	old        bool // it has lived through a garbage collection
}

// An ender ends when it is told to.
type ender interface {
	// end ends what is suspended, with deferred functions run, on behalf of the greenlet by. It reports false if it
	// cannot, because it waits in a scheduler or executes.
	end(by *flow) bool
	// age is told that it has lived through a garbage collection.
	age()
	// abandon ends it because its handle is lost, if that is still so, and reports whether it has.
	abandon() bool
}

// init makes k the empty ring.
func (k *link) init() { k.prev, k.next = k, k }

func (k *link) empty() bool { return k.next == k }

// add puts x into the ring k, behind those that are there.
func (k *link) add(x *link, what ender) {
	x.prev, x.next, x.what, x.old = k.prev, k, what, false
	x.prev.next, k.prev = x, x
}

// remove takes k out of its ring, if it is in one.
func (k *link) remove() {
	if k.next != nil {
		k.prev.next, k.next.prev = k.next, k.prev
		k.prev, k.next, k.what = nil, nil, nil
	}
}

// take moves all of from to the end of the ring k.
func (k *link) take(from *link) {
	if from.empty() {
		return
	}
	from.next.prev, k.prev.next = k.prev, from.next
	from.prev.next, k.prev = k, from.prev
	from.init()
}

// close ends all that is in the ring, the newest first, on behalf of by, and returns how many could not be
// ended, and the first panic of their deferred functions.
func (k *link) close(by *flow) (stuck int, failure *PanicError) {
	var refused link // a generator that executes ends with the greenlet as a part of which it does
	refused.init()
	done := false
	defer func() {
		if done {
			return
		}
		// The task is killed, while a deferred function waits: that ends this one, and by, but spares none of the others.
		k.take(&refused)
		if _, p := k.close(by); failure == nil {
			failure = p
		}
		if failure != nil {
			failure.raise()
		}
	}()
	for progress := true; progress; k.take(&refused) {
		progress = false
		for !k.empty() {
			x := k.prev
			ended := x.end(by, &failure)
			progress = progress || ended
			if !ended {
				what := x.what
				x.remove()
				refused.add(x, what)
			}
		}
	}
	for ; !k.empty(); stuck++ {
		x := k.prev
		what := x.what
		x.remove()
		if s, ok := what.(*source); ok {
			s.outlive(by.tree)
		}
	}
	done = true
	return stuck, failure
}

// end ends what k holds, and leaves the panic of a deferred function in failure, if it is the first.
func (k *link) end(by *flow, failure **PanicError) (ended bool) {
	defer func() {
		if v := recover(); v != nil {
			ended = true
			if p := by.tree.local.panicked(&coro.Exit{Panic: v, Stack: debug.Stack()}); *failure == nil {
				*failure = p
			}
		}
	}()
	return k.what.end(by)
}

// end implements ender. What a deferred function switches back with is nobody's. Whoever is still alive then is told
// again, which ends that deferred function and lets the others run.
func (f *flow) end(by *flow) bool {
	if f.state != suspended {
		return false
	}
	_, _ = by.kill(f.self())
	return true
}
