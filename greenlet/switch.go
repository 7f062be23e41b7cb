package greenlet

import "runtime"

// A message is what a greenlet's pending Switch comes out with.
type message struct {
	value any
	err   error
	panic *PanicError
	kill  bool // go on as runtime.Goexit does
	doom  bool // kill, because the task of it all is killed
}

// Switch suspends the current greenlet and runs g: its function with the arguments if it has not started, from its own
// pending Switch, Throw or Kill otherwise, which returns them: none as nil, one as itself, several as []any. To the current
// greenlet itself it returns them at once. If g is dead, its nearest living ancestor takes its place.
//
// It returns when somebody switches back, with what they send; when a greenlet whose parent is the current one ends, with its
// outcome (see the package's text on parents); with the error of a Throw. If that child panicked, it panics with the
// same value. If the current greenlet is killed meanwhile, it does not return: deferred functions run, as in runtime.Goexit.
//
// It panics, and changes nothing, on another thread than g's, and if g belongs to another task. It allocates nothing,
// except to start a greenlet or to send several values.
func (g *Greenlet) Switch(args ...any) (any, error) {
	f := g.flow
	l := f.tree.local
	if !l.th.Here() {
		l.misplaced("Switch")
	}
	me := l.here()
	if f.tree != me.tree {
		l.reach("Switch", me, f)
	}
	if f.state == suspended {
		f.box = message{value: pack(args)}
		return me.leaveFor(f)
	}
	m := message{value: pack(args)}
	f = f.route(&m)
	if f.state == pending {
		f.args = append([]any(nil), args...) // the caller's, to be kept only if it is needed: so it stays on the stack else
		return me.leaveFor(f)
	}
	return me.send(f, m)
}

func pack(args []any) any {
	switch len(args) {
	case 0:
		return nil
	case 1:
		return args[0]
	default:
		return append([]any(nil), args...)
	}
}

// route returns who is to have m if it is sent to f: f, or the nearest ancestor that lives. What has not started
// does not survive an error or a panic. An ErrExit that has passed by one greenlet has ended it, and is a value from there on.
func (f *flow) route(m *message) *flow {
	for {
		if f.state == pending && (m.err != nil || m.panic != nil || m.kill) {
			f.discard()
		}
		if !f.gone() {
			return f
		}
		m.exit()
		if f.parent == nil {
			internalError("nobody is left to whom the end of a greenlet could go")
		}
		f = f.parent.flow
	}
}

// send resumes or starts to, to which m was routed, and returns what the next message to f, the current one, brings.
func (f *flow) send(to *flow, m message) (any, error) {
	if to == f {
		return m.open()
	}
	switch to.state {
	case pending:
		to.args = []any{m.value}
	case suspended:
		to.box = m
	default:
		panic("greenlet: " + to.self().String() + " waits in a scheduler or was switched away by package coro; only that can resume it")
	}
	return f.leaveFor(to)
}

// leaveFor gives the thread to the greenlet to, which has its message, and comes back when f, the current one, is resumed.
func (f *flow) leaveFor(to *flow) (any, error) {
	c := to.at
	if to.state == pending {
		c = to.start()
	}
	to.state = running
	f.state, f.at = suspended, f.tree.local.th.Current()
	c.Switch()
	f.state = running // it is already, unless package coro was used beneath us
	m := f.box
	f.box = message{}
	if m.doom {
		f.tree.local.die()
	}
	if m.panic != nil || m.kill {
		return m.open()
	}
	return m.value, m.err
}

// die ends the current greenlet, generator or root because the task is killed, as a part of which it runs.
func (l *local) die() {
	if c := l.th.Current(); inside(c) {
		c.Doom()
	}
	runtime.Goexit()
}

// open returns what m brings, or does it.
func (m *message) open() (any, error) {
	if m.panic != nil {
		m.panic.raise()
	}
	if m.kill {
		runtime.Goexit()
	}
	return m.value, m.err
}
