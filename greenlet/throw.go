package greenlet

import (
	"bytes"
	"fmt"
	"reflect"

	"greenloop/runtime/coro"
)

// Throw switches to g as Switch does, but there the pending Switch returns nil and err. A nil err stands for ErrExit, which
// asks g to end; it may do something else. If g has not started it never will: it is dead, and the error goes to its
// parent. If g is dead, the error goes to the nearest living ancestor. In these two cases ErrExit arrives as a value, with a
// nil error. At the current greenlet, Throw returns nil and err at once.
//
// Who may call, what it returns, and when it panics is as for Switch.
func (g *Greenlet) Throw(err error) (any, error) {
	l := g.local("Throw")
	me := l.here()
	l.attend()
	l.reach("Throw", me, g)
	m := message{err: err}
	if err == nil {
		m.err = ErrExit
	}
	return me.send(g.route(&m), m)
}

// Kill ends g: its pending Switch does not return, its deferred functions run, as in runtime.Goexit, which recover does not see
// and code that ignores errors cannot swallow. The end of g comes back to the caller of Kill, not to the parent of g: Kill
// then returns ErrExit and a nil error, or panics with what a deferred function panicked with. If a deferred function
// switches elsewhere, g lives on until it is resumed, and Kill returns whatever is sent to its caller meanwhile.
//
// A greenlet that has not started is dead at once and never runs; for a dead one Kill does nothing and returns nil, nil.
// The current greenlet may kill itself: its parent goes on. It panics for a root, and as Switch does.
func (g *Greenlet) Kill() (any, error) {
	l := g.local("Kill")
	f, me := g.flow, l.here()
	if f.root() {
		panic("greenlet: Kill of a root greenlet, which stands for a goroutine or a task; Throw an error at it, or kill the task")
	}
	l.attend()
	l.reach("Kill", me, g)
	switch {
	case f == me:
		l.quit(f.home)
	case f.state == dead:
		return nil, nil
	case f.state == pending:
		f.discard()
		return ErrExit, nil
	}
	return me.kill(g)
}

// kill ends the greenlet of, which is suspended, and has its end come back to f, the current one.
func (f *flow) kill(of *Greenlet) (any, error) {
	c := &claim{by: f.self(), before: of.flow.killer}
	of.flow.killer = c
	defer func() {
		c.over = true
		for k := of.flow.killer; k != nil && k.over; k = k.before {
			of.flow.killer = k.before
		}
	}()
	return f.send(of, message{kill: true})
}

// A claim is that of a Kill, which waits, on the outcome of what it kills. Deferred functions that switch elsewhere can
// bring about another Kill of the same greenlet meanwhile, and either of the two may return first.
type claim struct {
	by     *Greenlet
	before *claim
	over   bool // that Kill has returned
}

// A PanicError tells of a panic that ended a greenlet or a generator. Whoever is concerned by it sees the panic go on
// with its original value; this is what keeps the original stack. It stays the same one however many parents it
// passes. If nobody recovers the panic, the report of the crash shows that stack as well.
type PanicError struct {
	Value any    // what was panicked with
	Stack []byte // from where, as debug.Stack prints it
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// raise panics with the value. It does so while another panic is under way, which shows the stack: recover returns
// the latest one only, the runtime's crash report prints both.
func (e *PanicError) raise() {
	defer panic(e.Value)
	panic(origin{e})
}

type origin struct{ of *PanicError }

func (o origin) Error() string {
	return fmt.Sprintf("%v, on a stack of its own:\n\n%s", o.of.Value, o.of.Stack)
}

// panicked returns what tells of the panic in exit: if that is one which was raised on this thread and was not
// recovered, then what told of it before, with the stack from where it really came.
func (l *local) panicked(exit *coro.Exit) *PanicError {
	p := &PanicError{exit.Panic, exit.Stack}
	if r := l.raised; r != nil && bytes.Contains(exit.Stack, []byte("greenlet.(*PanicError).raise(")) && same(r.Value, p.Value) {
		return r
	}
	l.raised = p
	return p
}

func same(a, b any) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}
