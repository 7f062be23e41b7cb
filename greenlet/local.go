package greenlet

import (
	"slices"
	"sync"
	"sync/atomic"

	"greenloop/runtime/coro"
)

// A local is what this package keeps with each thread.
type local struct {
	th      *coro.Thread
	trees   map[*coro.Coroutine]*tree // by the coroutine for which the root stands
	cached  *tree                     // the one of them that was looked for last
	orphans []*tree                   // those whose task has ended, and left something in them that could still be ended
	sweepAt int                       // when there are as many orphans, those of which nothing is left are removed
	numbers uint64
	raised  *PanicError // the panic last seen

	held       bool // there is a coro.Enter of ours to undo
	generators int  // started and not ended
	loose      tree // those of them that were started outside any tree
	left       atomic.Bool

	tracer  Tracer
	tracing bool      // the tracer runs
	origin  *Greenlet // who has given up control, for the tracer
	event   Event

	hasVars bool // some greenlet has

	// See collect.go.
	alert     atomic.Bool // there may be something to attend to
	passed    atomic.Bool // a garbage collection was
	expecting bool        // there is a sentinel that will tell of the next one
	nursery   []*tree     // those with something young in them
	notify    atomic.Pointer[func()]
	onPanic   func(*PanicError)
	lost      struct {
		sync.Mutex
		list []ender
	}
}

const firstSweep = 16

var localKey = coro.NewKey()

// enter returns the local of the calling thread. A goroutine that has none is locked to its thread and becomes the main
// coroutine there.
func enter() *local {
	if l := lookup(); l != nil {
		return l
	}
	th := coro.Current()
	l := &local{th: th, trees: map[*coro.Coroutine]*tree{}, sweepAt: firstSweep}
	l.loose.local = l
	l.loose.open.init()
	if th == nil {
		l.hold()
	}
	l.th.Set(localKey, l)
	l.th.OnEnd(l.ended)
	l.th.OnDoom(l.dooms)
	return l
}

// lookup returns the local of the calling thread, nil if there is none.
func lookup() *local {
	if th := coro.Current(); th != nil {
		if l, ok := th.Get(localKey).(*local); ok {
			return l
		}
	}
	return nil
}

// hold makes the thread ours until it is released, whoever else enters and leaves it.
func (l *local) hold() {
	if !l.held {
		l.th, l.held = coro.Enter(), true
	}
}

// release undoes hold. It must be called where coro.Thread.Leave may be.
func (l *local) release() error {
	if !l.held {
		return nil
	}
	l.held = false
	err := l.th.Leave()
	if !l.th.Here() {
		l.left.Store(true)
	}
	return err
}

// number returns the number of the next greenlet.
func (l *local) number() uint64 {
	l.numbers++
	return l.numbers
}

// here returns the greenlet that is running. What is neither a greenlet nor a generator is the root of a tree.
func (l *local) here() *flow {
	c := l.th.Current()
	if f, ok := c.Runner().(*flow); ok {
		return f
	}
	if t := l.cached; t != nil && t.root.home == c && t.root.state != dead {
		return t.root
	}
	c = l.base()
	if f, ok := c.Runner().(*flow); ok {
		return f
	}
	return l.rooted(c).root
}

// base returns the coroutine as a part of which the running one runs: that itself, unless it is a generator's.
func (l *local) base() *coro.Coroutine { return below(l.th.Current()) }

// below returns the coroutine as a part of which c runs.
func below(c *coro.Coroutine) *coro.Coroutine {
	for {
		s, ok := c.Runner().(*source)
		if !ok {
			return c
		}
		c = s.consumer
	}
}

// ground returns the tree of the running greenlet.
func (l *local) ground() *tree { return l.treeOf(l.base()) }

// treeOf returns the tree of c, which is no generator's. A goroutine that has none is not given one: its generators are
// loose.
func (l *local) treeOf(c *coro.Coroutine) *tree {
	if f, ok := c.Runner().(*flow); ok {
		return f.tree.top()
	}
	if c == l.th.Main() && l.trees[c] == nil {
		return &l.loose
	}
	return l.rooted(c).top()
}

// rooted returns the tree of the task or goroutine for which c stands, and makes it if there is none.
func (l *local) rooted(c *coro.Coroutine) *tree {
	if t := l.cached; t != nil && t.root.home == c && t.root.state != dead {
		return t
	}
	t := l.trees[c]
	if t == nil {
		t = l.plant(c)
	}
	l.cached = t
	return t
}

func (l *local) plant(c *coro.Coroutine) *tree {
	if c == l.th.Main() {
		l.hold()
	}
	t := &tree{local: l}
	t.open.init()
	t.root = &flow{home: c, state: running, begun: true, tree: t, id: l.number()}
	t.root.handle = &Greenlet{t.root}
	l.trees[c] = t
	return t
}

// ended is told that c has ended. If that was a task, its tree is its own: schedulers use c again, for another one.
func (l *local) ended(c *coro.Coroutine) {
	if inside(c) {
		return
	}
	t := l.trees[c]
	if t == nil {
		return
	}
	t.root.state = dead
	l.forget(t)
	if t.open.empty() {
		return
	}
	if len(l.orphans) >= l.sweepAt {
		l.orphans = slices.DeleteFunc(l.orphans, func(t *tree) bool { return t.open.empty() })
		l.sweepAt = max(firstSweep, 2*len(l.orphans))
	}
	l.orphans = append(l.orphans, t)
}

func (l *local) forget(t *tree) {
	delete(l.trees, t.root.home)
	if l.cached == t {
		l.cached = nil
	}
}

func (l *local) misplaced(call string) {
	if l.left.Load() {
		panic("greenlet: " + call + " of a greenlet or generator whose goroutine has left its thread, by Leave or at the end of Run; make a new one")
	}
	panic("greenlet: " + call + " from another thread than the greenlet's or generator's own; each belongs to the goroutine that made or " +
		"started it: hand the work to that goroutine, by a channel or a scheduler's Post, and switch there")
}

func internalError(text string) { panic("greenlet: " + text + "; please file a bug") }
