package greenlet

import "runtime"

// A message is what a greenlet's pending Switch comes out with.
type message struct {
	value any
	err   error
	panic *PanicError
	kill  bool // go on as runtime.Goexit does
	doom  bool // kill, because the task of it all is killed; the panic, if there is one, comes on top of that
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
	if f.state != suspended || f.tree != me.tree || l.tracer != nil || l.alert.Load() {
		return g.switchAtLeisure(me, args)
	}
	// leaveFor by hand, with the switch itself made here: each level of calls that it returns through costs some 8 ns.
	f.box.value = pack(args)
	if me.lookout != nil {
		me.handle = nil
	}
	f.state, f.handle = running, g
	me.state, me.at = suspended, l.th.Current()
	if next, yield := f.at.Depart(); yield != nil {
		yield(struct{}{})
	} else {
		next()
	}
	me.at.Arrive()
	me.state = running
	v := me.box.value
	me.box.value = nil
	if me.odd || l.tracer != nil {
		return me.arrive(v)
	}
	return v, nil
}

// switchAtLeisure is Switch for all cases.
func (g *Greenlet) switchAtLeisure(me *flow, args []any) (any, error) {
	l := me.tree.local
	l.attend()
	l.reach("Switch", me, g)
	m := message{value: pack(args)}
	to := g.route(&m)
	if to.flow.state == pending {
		to.flow.args = append(make([]any, 0, len(args)), args...) // the caller's stay on the stack otherwise
	}
	return me.send(to, m)
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

// route returns who is to have m if it is sent to g: g, or the nearest ancestor that lives. What has not started
// does not survive an error or a panic. An ErrExit that has passed by one greenlet has ended it, and is a value from there on.
func (g *Greenlet) route(m *message) *Greenlet {
	for {
		f := g.flow
		if f.state == pending && (m.err != nil || m.panic != nil || m.kill) {
			f.discard()
		}
		if !f.gone() {
			return g
		}
		m.exit()
		if f.parent == nil {
			internalError("nobody is left to whom the end of a greenlet could go")
		}
		g = f.parent
	}
}

// send resumes or starts to, to which m was routed, and returns what the next message to f, the current one, brings.
func (f *flow) send(to *Greenlet, m message) (any, error) {
	l := f.tree.local
	if l.tracer != nil {
		l.leaving(f.self(), &m)
	}
	if to.flow == f {
		if l.tracer != nil {
			l.trace(to)
		}
		return m.open(l)
	}
	switch to.flow.state {
	case pending:
		if to.flow.args == nil {
			to.flow.args = []any{m.value}
		}
	case suspended:
		to.flow.deliver(m)
	default:
		panic("greenlet: " + to.String() + " waits in a scheduler or was switched away by package coro; only that can resume it")
	}
	return f.leaveFor(to)
}

// leaveFor gives the thread to the greenlet to, which has its message, and comes back when f, the current one, is resumed.
func (f *flow) leaveFor(to *Greenlet) (any, error) {
	c := to.flow.at
	if to.flow.state == pending {
		c = to.flow.start(to)
	}
	if f.lookout != nil {
		f.handle = nil
	}
	to.flow.state, to.flow.handle = running, to
	f.state, f.at = suspended, f.tree.local.th.Current()
	c.Switch()
	f.state = running // it is already, unless package coro was used beneath us
	v := f.box.value
	f.box.value = nil
	return f.arrive(v)
}

// arrive returns what f was resumed with, or does it. The tracer comes first; it may switch, so the message is taken before.
func (f *flow) arrive(value any) (any, error) {
	m := f.box
	m.value = value
	f.box, f.odd = message{}, false
	l := f.tree.local
	switch {
	case l.tracer == nil:
	case m.doom:
		defer l.trace(f.self()) // its panic takes the place of all that is sent, but not of the end of the task
	default:
		l.trace(f.self())
	}
	return m.open(l)
}

// open returns what m brings, or does it.
func (m *message) open(l *local) (any, error) {
	switch {
	case m.doom:
		if m.panic != nil {
			defer m.panic.raise()
		}
		l.die()
	case m.panic != nil:
		m.panic.raise()
	case m.kill:
		l.quit(l.base())
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
