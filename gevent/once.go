package gevent

import (
	"runtime/debug"

	"greenloop/sched"
)

// A Once runs a function once, also if that has to wait. The zero value has run none. It must not be copied.
type Once struct {
	home
	done    bool
	err     error
	runner  *sched.Task // runs the function now
	waiters sched.WaitQueue
}

// onceReason is a Once as what somebody waits for.
type onceReason Once

func (o *onceReason) String() string         { return "once, run by " + o.runner.String() }
func (o *onceReason) Holders() []*sched.Task { return holders(o.runner) }

// Do calls fn if it is the first call; all others wait until that is over, and get the same error without calling
// theirs. If fn panics, the panic goes on in the first caller, and the others get a *PanicError. If the first caller is
// killed inside fn, it was not run: the call that has waited longest runs its own. The error can also be one that was
// thrown at a greenlet that waits. Calling Do inside fn panics. Parks. Hub thread only.
func (o *Once) Do(fn func() error) error {
	h := o.at("Once.Do")
	h.atOnce()
	for !o.done {
		me := h.sched.Current()
		switch o.runner {
		case nil:
			return o.run(me, fn)
		case me:
			panic("gevent: Once.Do inside the function that it runs, which would wait for itself; call that work directly")
		}
		if err := o.waiters.Wait(h.sched, (*onceReason)(o)); err != nil {
			return err
		}
	}
	return o.err
}

// Done reports whether the function has been run. Hub thread only.
func (o *Once) Done() bool { return o.done }

func (o *Once) run(me *sched.Task, fn func() error) error {
	if me == nil {
		panic("gevent: Once.Do called outside a greenlet; spawn one that does")
	}
	o.runner = me
	defer func() {
		o.runner = nil
		v := recover()
		if v != nil {
			o.done, o.err = true, &PanicError{Value: v, Stack: debug.Stack()}
		}
		if !o.done { // killed
			o.waiters.Wake()
			return
		}
		o.waiters.WakeAll()
		if v != nil {
			panic(v) // fn is on the stack still, so that the report shows it
		}
	}()
	o.err = fn()
	o.done = true
	return o.err
}
