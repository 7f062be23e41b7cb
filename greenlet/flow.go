package greenlet

import (
	"errors"

	"greenloop/runtime/coro"
)

// A flow is a greenlet without its handle: nothing that its own stack holds may lead to the handle, so that one which nobody
// else holds any more can be found out. While it is suspended, only whoever has the handle can resume it.
type flow struct {
	own    coro.Coroutine  // unused by a root
	home   *coro.Coroutine // &own, or the coroutine for which a root stands
	at     *coro.Coroutine // while suspended: who goes on; home, or a generator that runs as a part of it
	state  state
	begun  bool
	odd    bool // box holds more than a value
	tree   *tree
	handle *Greenlet // nil while it is suspended and watched, before it starts, and when it is dead
	box    message   // what comes out of the pending Switch; written by who resumes it

	parent *Greenlet // nil for a root, unless its task has ended and others have taken over its tree
	killer *claim    // the last Kill of this one that has not returned, which gets the outcome instead of the parent
	seat   link      // in its tree's ring, while it is started and not dead
	vars   *Vars     // nil until they are used

	run      func(args ...any) (any, error) // until it starts
	args     []any                          // for run
	value    any                            // what run returned
	err      error
	panicked *PanicError
	id       uint64
	lookout  *lookout // set when the handle is watched, see collect.go
}

// state is where a greenlet stands.
type state uint8

const (
	pending   state = iota // its function was not called yet
	running                // it is the current one, or its task waits in it
	suspended              // in a Switch, Throw or Kill
	dead
)

func (f *flow) root() bool { return f.home != &f.own }

// self returns the handle of f, which has started: a new one if the program has lost the one that there was.
func (f *flow) self() *Greenlet {
	if f.handle != nil {
		return f.handle
	}
	if g := f.lookout.known.Value(); g != nil {
		return g
	}
	g := &Greenlet{f}
	f.watch(g)
	return g
}

// gone reports whether f has ended. Nobody tells this package that a task has.
func (f *flow) gone() bool {
	if f.root() && f.state != dead && f.home.State() == coro.Done {
		f.state = dead
	}
	return f.state == dead
}

// start makes f, which is pending and has its arguments, ready to be switched to. g is its handle.
func (f *flow) start(g *Greenlet) *coro.Coroutine {
	f.begun = true
	f.handle = g
	f.tree.top().enroll(&f.seat, f)
	return &f.own
}

// discard ends f, which is pending: its function is never called.
func (f *flow) discard() {
	f.own.Discard()
	f.state, f.run = dead, nil
}

// Run calls the function. It is the whole life of the greenlet on its own stack.
func (f *flow) Run() {
	run, args := f.run, f.args
	f.run, f.args = nil, nil
	if l := f.tree.local; l.tracer != nil {
		l.trace(f.self())
	}
	f.value, f.err = run(args...)
}

// Finished hands the outcome of f to its parent, and names who goes on.
func (f *flow) Finished(exit *coro.Exit) *coro.Coroutine {
	m := f.outcome(exit)
	f.state = dead
	f.seat.remove()
	to := f.parent
	if f.killer != nil {
		to = f.killer.by
	}
	to = to.route(&m)
	if l := f.tree.local; l.tracer != nil {
		l.leaving(f.self(), &m)
	}
	if f.lookout != nil {
		f.lookout.cleanup.Stop()
	}
	f.handle, f.vars = nil, nil
	return to.resumeWith(m)
}

// outcome turns the end of f into what its parent is to see.
func (f *flow) outcome(exit *coro.Exit) message {
	m := message{value: f.value, err: f.err}
	f.value, f.err = nil, nil
	switch {
	case exit == nil:
		m.exit()
	case exit.Panic != nil:
		f.panicked = f.tree.local.panicked(exit)
		m = message{panic: f.panicked, doom: exit.Doomed}
	case exit.Doomed:
		m = message{kill: true, doom: true}
	default:
		m = message{value: ErrExit}
	}
	return m
}

// exit turns an ErrExit into a value: it has ended a greenlet, and that is no failure.
func (m *message) exit() {
	if m.err != nil && errors.Is(m.err, ErrExit) {
		m.value, m.err = m.err, nil
	}
}

// resumeWith gives m to g, to which it was routed, and returns the coroutine to go on with.
func (g *Greenlet) resumeWith(m message) *coro.Coroutine {
	f := g.flow
	switch f.state {
	case pending:
		f.args = []any{m.value}
		f.state = running
		return f.start(g)
	case suspended:
		f.deliver(m)
		f.state, f.handle = running, g
		return f.at
	default:
		// Somebody switched it away by means of package coro, beneath us. It goes on there: the thread cannot stay
		// with a greenlet that has ended.
		return f.home
	}
}

// deliver puts m where f, which is suspended, finds it.
func (f *flow) deliver(m message) {
	f.box = m
	f.odd = m.err != nil || m.panic != nil || m.kill
}
