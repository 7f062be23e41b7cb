package greenlet

import (
	"errors"
	"iter"
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
)

// A Generator hands out the values that a function yields, each when it is asked for. Out is the type of the values, In that
// of what is sent back for each. Make it with Generate.
//
// It runs as a part of whoever asks for a value, and may be asked by another greenlet or task of the same thread each time,
// but not while it executes. It belongs to the thread of the first call that asks for a value.
type Generator[Out, In any] struct {
	yielder *Yielder[Out, In] // apart from the handle for the same reason as a Greenlet's flow
}

// Generate makes a generator of body. Nothing of it runs, and it costs no stack, before it is asked for its first value. A
// generator that was started and has not ended must be run to its end, closed, or left to Run or Leave. A
// goroutine that has no greenlets is locked to its thread as long as its generators have not ended. Generate
// panics if body is nil, and may be called on any goroutine.
func Generate[Out, In any](body func(y *Yielder[Out, In]) error) *Generator[Out, In] {
	if body == nil {
		panic("greenlet: Generate needs a function, got nil")
	}
	y := new(Yielder[Out, In])
	y.source.body = func() error { return body(y) }
	return &Generator[Out, In]{y}
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
	s.mustBeHere("Next")
	if s.state == executing || s.state == ended {
		var none Out
		return none, false
	}
	s.resume()
	return y.take(), s.state == yielded
}

// Send is Next, but the Yield in which the body waits returns v. If the body ends, Send returns its error, ErrStop if
// that is nil; so it does for each call after the end. It returns ErrNotStarted or ErrExecuting without running the body. A
// panic or runtime.Goexit of the body goes on as in Next.
func (g *Generator[Out, In]) Send(v In) (Out, error) {
	y := g.yielder
	s := &y.source
	s.mustBeHere("Send")
	var none Out
	switch s.state {
	case fresh:
		return none, ErrNotStarted
	case executing:
		return none, ErrExecuting
	case yielded:
		y.in = v
		s.resume()
	}
	switch {
	case s.state == yielded:
		return y.take(), nil
	case s.err != nil:
		return none, s.err
	default:
		return none, ErrStop
	}
}

// Err returns how the body ended: its error, or a *PanicError with the original stack, ErrExit after a runtime.Goexit of its
// own and when it was ended with the task or goroutine that asked it first; ErrIgnored; nil after Close, and as long as it has
// not ended, except that it is ErrExecuting while it executes.
func (g *Generator[Out, In]) Err() error {
	if s := &g.yielder.source; s.state != executing {
		return s.err
	}
	return ErrExecuting
}

// Close ends the generator: the Yield in which the body waits does not return, its deferred functions run, as in runtime.Goexit,
// which recover does not see. A body that has not started never runs. It returns ErrExecuting, and does nothing, while
// the generator executes; ErrIgnored if a deferred function yielded, which is ended there; nil otherwise, and each
// time once the generator has ended. It panics with what a deferred function panicked with.
func (g *Generator[Out, In]) Close() error { return g.yielder.source.close() }

// All returns the values that are still to come, for a range loop. It closes the generator when the loop ends, early or not.
// Whether all went well, Err tells.
func (g *Generator[Out, In]) All() iter.Seq[Out] {
	return func(yield func(Out) bool) {
		defer g.Close() //nolint:errcheck // Err tells it
		for v, ok := g.Next(); ok && yield(v); v, ok = g.Next() {
		}
	}
}
