package gevent

import (
	"context"

	"greenloop/greenlet"
)

// inherit notes who spawns g, and gives it the values that this one has: of the tree, of its context, and of variables.
func (g *Greenlet) inherit(h *Hub) {
	by := h.sched.Current()
	if by == nil {
		return
	}
	g.spawner = by.ID()
	g.vars = greenlet.CopyVars()
	x := lookExtra(by)
	if x == nil {
		return
	}
	if x.tree != nil {
		extraOf(&g.task).tree = x.tree
	}
	if base := x.base(); base != nil {
		extraOf(&g.task).root.base = context.WithoutCancel(base)
	}
}

// base returns the context of the innermost WithContext, or what was inherited of one; nil if there is none.
func (x *extra) base() context.Context {
	for s := x.scope; s != nil; s = s.parent {
		if s.base != nil {
			return s.base
		}
	}
	return nil
}

// Isolated returns fn for a spawn whose greenlet begins with all variables (see greenlet.Var) at their initial values. Without it, it
// begins with a copy of those of the greenlet that spawns it.
func Isolated(fn func() error) func() error {
	mustHave(fn)
	return func() error {
		greenlet.Current().SetVars(nil)
		return fn()
	}
}

// Shared returns fn for a spawn whose greenlet has its variables (see greenlet.Var) in common with the current one: what either sets,
// both see. Hub thread only.
func Shared(fn func() error) func() error {
	mustHave(fn)
	vars := greenlet.Current().Vars()
	return func() error {
		greenlet.Current().SetVars(vars)
		return fn()
	}
}

// Parent returns the greenlet that spawned this one, as long as it lives: nothing that has ended is kept for its
// children. It is nil, too, for main and for what a posted function spawned. It looks at all greenlets that are
// younger. Hub thread only.
func (g *Greenlet) Parent() *Greenlet {
	if g.spawner == 0 {
		return nil
	}
	t := g.hub.sched.Task(g.spawner)
	if t == nil {
		return nil
	}
	parent, _ := t.Body().(*Greenlet)
	return parent
}

// ParentID returns the number of the greenlet or posted function that spawned this one, whether it lives or not; 0 for
// main. Safe from any goroutine.
func (g *Greenlet) ParentID() uint64 { return g.spawner }

// Site returns where the greenlet was spawned, with Config.Sites, else where its function is. Hub thread only.
func (g *Greenlet) Site() string { return g.task.Site().String() }

// A TreeLocal is a value that a greenlet shares with all that it spawns after it was set, and these with all that they
// spawn: the request that a handler and its helpers work on, say. A greenlet that sets it anew does so for itself and
// for what it spawns from then on; no other one sees that. To let all see a change, share a pointer. It is usually a
// global variable; its zero value is ready for use, by several hubs, too. It must not be copied. A value lives as long
// as a greenlet that has it. A hub whose greenlets have none pays nothing for it.
type TreeLocal[T any] struct {
	_ byte // so that each one has an address of its own
}

// A treeValue is one value of one TreeLocal, in a list that is never changed: whoever spawns hands on the head of it.
type treeValue struct {
	key   any // *TreeLocal[T]
	value any // T
	next  *treeValue
}

// without returns the list without the value of key.
func (v *treeValue) without(key any) *treeValue {
	switch {
	case v == nil:
		return nil
	case v.key == key:
		return v.next
	}
	return &treeValue{v.key, v.value, v.next.without(key)}
}

func (v *treeValue) find(key any) *treeValue {
	for v != nil && v.key != key {
		v = v.next
	}
	return v
}

// Set sets the value for the current greenlet, or posted function, and for all that it spawns from now on. Hub thread only.
func (l *TreeLocal[T]) Set(value T) {
	e := extraOf(current("TreeLocal.Set").task("TreeLocal.Set"))
	rest := e.tree
	if rest.find(l) != nil {
		rest = rest.without(l)
	}
	e.tree = &treeValue{l, value, rest}
}

// Get returns the value that the current greenlet has set or inherited, the zero value if it has none. Hub thread only.
func (l *TreeLocal[T]) Get() T {
	value, _ := l.Lookup()
	return value
}

// Lookup is Get that tells whether there is a value. Hub thread only.
func (l *TreeLocal[T]) Lookup() (value T, ok bool) {
	e := lookExtra(current("TreeLocal.Get").task("TreeLocal.Get"))
	if e == nil {
		return value, false
	}
	if v := e.tree.find(l); v != nil {
		return v.value.(T), true
	}
	return value, false
}
