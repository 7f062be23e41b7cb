package greenlet

import (
	"errors"
	"fmt"
)

var (
	// ErrExit asks a greenlet to end, and says that it has ended so: Python's GreenletExit. Throw it to ask; a greenlet that
	// returns it, or an error that wraps it, hands it to its parent as a value and not as an error.
	ErrExit = errors.New("greenlet: exit")

	// ErrCycle is returned by SetParent if the greenlet would become its own ancestor.
	ErrCycle = errors.New("greenlet: cyclic parent chain")

	// ErrForeign is returned by SetParent if the parent belongs to another thread, or to the tree of another task.
	ErrForeign = errors.New("greenlet: the parent belongs to another thread or task; choose one of the greenlet's own tree")

	// ErrRoot is returned by SetParent of a root greenlet: it stands for a goroutine or a task, and has no parent.
	ErrRoot = errors.New("greenlet: a root greenlet cannot have a parent")
)

// A Greenlet is the handle of a function that runs on a stack of its own. Make it with New. Two handles are the same
// greenlet if and only if they are the same pointer. Its methods are for the greenlet's own thread.
type Greenlet struct {
	flow *flow // all that its stack needs. It is apart, so that a handle which only the program holds can be told from one in use
}

// New makes a greenlet that will call run, as a child of the current greenlet. Nothing runs before the first Switch to it, and
// until then it costs no stack. On a goroutine that has no greenlets yet it makes the main one, and locks the goroutine to
// its thread until Leave; inside Run and in tasks there is nothing to undo. It panics if run is nil.
func New(run func(args ...any) (any, error)) *Greenlet {
	l := enter()
	me := l.here()
	l.attend()
	return newChild(me.self(), run)
}

// NewChild is New with the parent given; nil means the current greenlet. The parent may be dead: what becomes of the child
// then goes to the parent's nearest living ancestor. It panics if the parent belongs to another thread or task.
func NewChild(parent *Greenlet, run func(args ...any) (any, error)) *Greenlet {
	l := enter()
	me := l.here()
	l.attend()
	if parent == nil {
		return newChild(me.self(), run)
	}
	parent.local("NewChild").reach("NewChild", me, parent)
	return newChild(parent, run)
}

func newChild(parent *Greenlet, run func(args ...any) (any, error)) *Greenlet {
	if run == nil {
		panic("greenlet: New needs a function, got nil")
	}
	t := parent.flow.tree.top()
	f := &flow{tree: t, parent: parent, run: run, id: t.local.number()}
	f.home = &f.own
	f.own.Init(t.local.th, f)
	return &Greenlet{f}
}

// Current returns the greenlet that is running: the one whose function was called, or the root of the goroutine or task,
// which is made at the first call, see New. May be called on any goroutine.
func Current() *Greenlet { return enter().here().self() }

// Parent returns the greenlet to which the end of g goes, nil for a root.
func (g *Greenlet) Parent() *Greenlet {
	g.local("Parent")
	if g.flow.root() {
		return nil
	}
	return g.flow.parent
}

// SetParent makes p the parent of g, at whatever point of its life. It returns ErrCycle if g is p or an ancestor of it,
// ErrForeign if p belongs to another thread or task, ErrRoot if g is a root; then nothing has changed. It panics if p is nil.
func (g *Greenlet) SetParent(p *Greenlet) error {
	g.local("SetParent")
	f := g.flow
	switch {
	case p == nil:
		panic("greenlet: SetParent needs a greenlet, got nil; only a root has no parent")
	case f.root():
		return ErrRoot
	case p.flow.tree.local != f.tree.local || p.flow.tree.top() != f.tree.top():
		return ErrForeign
	}
	for a := p; a != nil; a = a.flow.parent {
		if a == g {
			return ErrCycle
		}
	}
	f.parent = p
	return nil
}

// Dead reports whether g has ended, in whatever way, or was ended before it started. A root is dead when its task has
// ended, or when its goroutine has left.
func (g *Greenlet) Dead() bool {
	return g.flow.gone() || g.flow.root() && g.flow.tree.local.left.Load()
}

// Started reports whether the function of g was ever called. It is false for a greenlet that was ended before.
func (g *Greenlet) Started() bool { return g.flow.begun }

// Panicked returns the panic that ended g, with its original stack; nil if none did.
func (g *Greenlet) Panicked() *PanicError { return g.flow.panicked }

// String returns the greenlet's number, unique on its thread, and its state: pending (not started), current, suspended,
// parked (it waits in a scheduler), or dead.
func (g *Greenlet) String() string {
	kind := "greenlet"
	if g.flow.root() {
		kind = "root greenlet"
		if g.flow.home == g.flow.tree.local.th.Main() {
			kind = "main greenlet"
		}
	}
	return fmt.Sprintf("%s %d (%s)", kind, g.flow.id, g.standing())
}

func (g *Greenlet) standing() string {
	f := g.flow
	switch l := f.tree.local; {
	case g.Dead():
		return "dead"
	case f.state == pending:
		return "pending"
	case f.state == suspended:
		return "suspended"
	case l.th.Here() && l.base() == f.home: // here would make a main greenlet, for a text
		return "current"
	default:
		return "parked"
	}
}

// local returns what belongs to g's thread; the caller must be there.
func (g *Greenlet) local(call string) *local {
	l := g.flow.tree.local
	if !l.th.Here() {
		l.misplaced(call)
	}
	return l
}
