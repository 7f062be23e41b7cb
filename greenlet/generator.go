package greenlet

import (
	"errors"
	"runtime"
)

var (
	// ErrStop is returned by Send when the generator has ended and its body returned nil: Python's StopIteration.
	ErrStop = errors.New("greenlet: the generator has ended")

	// ErrExecuting says that the generator is running, or waits in a scheduler: its next value cannot be had now.
	ErrExecuting = errors.New("greenlet: generator already executing")

	// ErrNotStarted is returned by Send to a generator that waits in no Yield yet.
	ErrNotStarted = errors.New("greenlet: Send to a generator that has not started; call Next first, its body must reach a Yield to receive something")

	// ErrIgnored is returned by Close of a generator whose body has yielded in a deferred function.
	ErrIgnored = errors.New("greenlet: the generator has yielded while it was being closed")

	// ErrNotEnded is returned by Result of a generator whose body has not returned yet.
	ErrNotEnded = errors.New("greenlet: the generator has not ended, so there is no result yet; run it to its end first")
)

// A Generator hands out the values that a function yields, each when it is asked for. Out is the type of the values, In that
// of what is sent back for each. Make it with Generate.
//
// It runs as a part of whoever asks for a value, and may be asked by another greenlet or task of the same thread each time,
// but not while it executes. It belongs to the thread of the first call that asks for a value.
//
// One that is dropped while it is suspended is closed after the garbage collector has found that out, see Collect, unless its own
// body holds the *Generator. Until then, and in programs that cannot wait for that, Close it.
type Generator[Out, In any] struct {
	grip
	yielder *Yielder[Out, In]
}

// Generate makes a generator of body. Nothing of it runs, and it costs no stack, before it is asked for its first value. A
// generator that was started and has not ended must be run to its end, closed, or left to Run, Leave or the garbage collector. A
// goroutine that has no greenlets is locked to its thread as long as its generators have not ended. Generate
// panics if body is nil, and may be called on any goroutine.
func Generate[Out, In any](body func(y *Yielder[Out, In]) error) *Generator[Out, In] {
	if body == nil {
		panic("greenlet: Generate needs a function, got nil")
	}
	y := &Yielder[Out, In]{body: body}
	y.source.outer = y
	return &Generator[Out, In]{grip{&y.source}, y}
}

// Next runs the body until its next Yield, which returns the zero In there when the body goes on, and returns the yielded
// value and true. It returns the zero Out and false once the body has ended, and as long as the generator executes (the
// body asks itself, or waits in a scheduler for another consumer); Err tells which.
//
// A panic of the body goes on in the call in which it ends, with the same value, and so does a runtime.Goexit. It
// panics on another thread than that of the first call.
func (g *Generator[Out, In]) Next() (Out, bool) {
	y := g.yielder
	s := &y.source
	l := s.local
	if s.state != yielded || !l.th.Here() || l.alert.Load() {
		if !g.prepare("Next") {
			var none Out
			return none, false
		}
		l = s.local
	}
	// source.resume by hand, with the switch itself made here: each level of calls that it returns through costs some 8 ns.
	me := l.th.Current()
	s.consumer, s.state = me, executing
	if next, yield := s.at.Depart(); yield != nil {
		yield(struct{}{})
	} else {
		next()
	}
	me.Arrive()
	if s.state == ended {
		s.settle()
	}
	runtime.KeepAlive(g) // it is not abandoned while it is being asked
	return y.take()
}

// prepare makes the generator ready to be resumed, and reports whether it can be.
func (g *Generator[Out, In]) prepare(call string) bool {
	s := g.source
	s.attend(call)
	if s.state == fresh {
		s.begin(&g.grip)
	}
	return s.state == yielded
}

// ask resumes the generator, which is suspended.
func (g *Generator[Out, In]) ask() {
	g.source.resume()
	runtime.KeepAlive(g)
}

// Send is Next, but the Yield in which the body waits returns v. If the body ends, Send returns its error, ErrStop if
// that is nil; so it does for each call after the end. It returns ErrNotStarted or ErrExecuting without running the body. A
// panic or runtime.Goexit of the body goes on as in Next.
func (g *Generator[Out, In]) Send(v In) (Out, error) {
	s := g.source
	s.attend("Send")
	var none Out
	switch s.state {
	case fresh:
		return none, ErrNotStarted
	case executing:
		return none, ErrExecuting
	case yielded:
		g.yielder.in = v
		g.ask()
	}
	return g.yielder.outcome()
}

// Throw has the Yield in which the body waits fail with err, nil standing for ErrExit. If that is a YieldErr, it returns err and
// the body goes on: Throw then returns the value that it yields next. If it is a Yield, the body ends there, as by
// runtime.Goexit, with its deferred functions run (which may yield), and Throw returns err. A body that has not started never
// runs; to a generator that has ended, err comes straight back. It returns ErrExecuting, and does nothing, while it executes.
//
// If the body ends otherwise, Throw returns what Send does; a panic or a runtime.Goexit of its own goes on as in Next.
func (g *Generator[Out, In]) Throw(err error) (Out, error) {
	s := g.source
	s.attend("Throw")
	if err == nil {
		err = ErrExit
	}
	var none Out
	switch s.state {
	case fresh:
		s.dismiss(err)
		return none, err
	case executing:
		return none, ErrExecuting
	case ended:
		return none, err
	}
	s.thrown = err
	g.ask()
	return g.yielder.outcome()
}

// Err returns how the body ended: its error, what was thrown and not caught, a *PanicError with the original stack, ErrExit after
// a runtime.Goexit of its own and when it was ended with the task or goroutine that asked it first; ErrIgnored; nil after
// Close, and as long as it has not ended, except that it is ErrExecuting while it executes.
func (g *Generator[Out, In]) Err() error {
	switch s := g.source; s.state {
	case executing:
		return ErrExecuting
	case ended:
		return s.err
	default:
		return nil // it may hold an error that it is ending with, while a deferred function yields
	}
}

// Close ends the generator: the Yield in which the body waits does not return, its deferred functions run, as in runtime.Goexit,
// which recover does not see. A body that has not started never runs. It returns ErrExecuting, and does nothing, while
// the generator executes; ErrIgnored if a deferred function yielded, which is ended there; nil otherwise, and each
// time once the generator has ended. It panics with what a deferred function panicked with.
func (g *Generator[Out, In]) Close() error {
	err := g.source.close()
	runtime.KeepAlive(g)
	return err
}

// A Computation is a Generator whose body also returns a value: what Python's return in a generator, and "yield from", are for.
// Make it with Compute.
type Computation[Out, In, Result any] struct {
	*Generator[Out, In]
	result *Result // not part of the Generator, so that its body does not lead to its handle
}

// Compute is Generate for a body that returns a value.
func Compute[Out, In, Result any](body func(y *Yielder[Out, In]) (Result, error)) *Computation[Out, In, Result] {
	if body == nil {
		panic("greenlet: Compute needs a function, got nil")
	}
	result := new(Result)
	return &Computation[Out, In, Result]{
		Generate(func(y *Yielder[Out, In]) (err error) {
			*result, err = body(y)
			return err
		}),
		result,
	}
}

// Result returns what the body has returned, or with a zero value how else it ended, as Err tells it: ErrExit if it was closed.
// Before the end it returns ErrNotEnded, or ErrExecuting.
func (c *Computation[Out, In, Result]) Result() (Result, error) {
	s := c.source
	switch {
	case s.state == executing:
		return *new(Result), ErrExecuting
	case s.state != ended:
		return *new(Result), ErrNotEnded
	case s.err == nil && !s.returned:
		return *new(Result), ErrExit
	default:
		return *c.result, s.err
	}
}
