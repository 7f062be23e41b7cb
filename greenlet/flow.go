package greenlet

import (
	"errors"

	"greenloop/runtime/coro"
)

// How a greenlet begins and ends. Run and Finished are what package coro calls.

// start makes f, which is pending and has its arguments, ready to be switched to.
func (f *flow) start() *coro.Coroutine {
	f.begun = true
	f.tree.top().open.add(&f.seat, f)
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
	f.value, f.err = run(args...)
}

// Finished hands the outcome of f to its parent, and names who goes on.
func (f *flow) Finished(exit *coro.Exit) *coro.Coroutine {
	m := f.outcome(exit)
	f.state = dead
	f.seat.remove()
	to := f.reaper
	if to == nil {
		to = f.parent.flow
	}
	return to.route(&m).resumeWith(m)
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
		m = message{panic: f.panicked}
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

// resumeWith gives m to f, which it was routed to, and returns the coroutine to go on with.
func (f *flow) resumeWith(m message) *coro.Coroutine {
	switch f.state {
	case pending:
		f.args = []any{m.value}
		f.state = running
		return f.start()
	case suspended:
		f.box = m
		f.state = running
		return f.at
	default:
		// Somebody switched it away by means of package coro, beneath us. It goes on there: the thread cannot stay
		// with a greenlet that has ended.
		return f.home
	}
}
