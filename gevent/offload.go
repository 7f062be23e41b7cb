package gevent

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"greenloop/sched"
)

// Offload runs fn, which may block its thread or keep a core busy, on another goroutine, and waits for it while other
// greenlets run. No more than Config.OffloadMax such functions run at once; the others wait for their turn, first come,
// first served, and their greenlets with them.
//
// It returns what fn does. A panic of fn comes back as a *PanicError, and so does a runtime.Goexit as an error. If an error
// is thrown at the greenlet, or its scope is canceled, that is returned at once. If the wait ends so, or by a kill, before
// fn began, it never runs; after that it goes on by itself and its result is dropped; its place is free only when it
// has really ended. The hub does not wait for it at its end.
//
// fn runs outside the hub: it must not touch what belongs to greenlets, and a call of theirs panics in it; Hub.Post and
// the Shared primitives work. What only waits and needs no thread meanwhile is better given to Await, which has no bound.
// Parks. Hub thread only.
func Offload[T any](fn func() (T, error)) (T, error) {
	h := current("Offload")
	return newErrand(h, offloading, plain("Offload", fn), nil).run(&h.threads.crew, sched.Never)
}

// OffloadTimeout is Offload that waits no longer than d, its turn included, and returns ErrTimeout then; with a d of zero
// or less fn does not run.
func OffloadTimeout[T any](d time.Duration, fn func() (T, error)) (T, error) {
	h := current("OffloadTimeout")
	e := newErrand(h, offloading, plain("OffloadTimeout", fn), nil)
	if d <= 0 {
		return e.value, ErrTimeout
	}
	return e.run(&h.threads.crew, h.sched.After(d))
}

// OffloadContext is Offload for a function that can be told to stop, or whose result must not be dropped: ctx ends when
// nobody waits for fn any more, its cause the error that ended the wait, ErrExit after a kill; and undo, unless nil, is
// called with a result that came without an error and too late, outside the hub, like fn.
func OffloadContext[T any](fn func(ctx context.Context) (T, error), undo func(T)) (T, error) {
	h := current("OffloadContext")
	mustRun("OffloadContext", fn != nil)
	return newErrand(h, offloading, fn, undo).run(&h.threads.crew, sched.Never)
}

const offloading = sched.Why("offloaded function")

var errGoexit = errors.New("gevent: the offloaded function called runtime.Goexit")

func mustRun(call string, fn bool) {
	if !fn {
		panic("gevent: " + call + " of a nil function")
	}
}

// plain makes of a function that cannot be told to stop one that is.
func plain[T any](call string, fn func() (T, error)) func(context.Context) (T, error) {
	mustRun(call, fn != nil)
	return func(context.Context) (T, error) { return fn() }
}

// offload runs fn at once, whatever else is under way. Look-ups of names go this way: package net itself bounds the threads
// that they take, and a resolver that is stuck must not use up the places of files, nor files those of look-ups.
func offload[T any](h *Hub, why sched.Reason, fn func() (T, error), undo func(T)) (T, error) {
	return newErrand(h, why, plain("offload", fn), undo).run(&h.awaits, sched.Never)
}

// An errand is a function that another goroutine runs for a greenlet. What becomes of its outcome is settled under the
// crew's lock: either the greenlet takes it, or whoever of the two comes last drops it, since a hub that has ended no
// longer runs what is posted to it.
type errand[T any] struct {
	crewJob
	why    sched.Reason
	fn     func(context.Context) (T, error)
	undo   func(T)
	ctx    context.Context
	cancel context.CancelCauseFunc
	value  T
	err    error
}

func newErrand[T any](h *Hub, why sched.Reason, fn func(context.Context) (T, error), undo func(T)) *errand[T] {
	e := &errand[T]{why: why, fn: fn, undo: undo}
	e.lie(h)
	e.work = e.perform
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	return e
}

// perform is what the other goroutine does.
func (e *errand[T]) perform() {
	e.err = errGoexit
	defer func() {
		if v := recover(); v != nil {
			e.err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		if e.fn = nil; e.crew.finish(&e.crewJob) { // nothing of ours keeps alive what fn holds
			e.drop()
		}
	}()
	e.value, e.err = e.fn(e.ctx)
}

// run is what the greenlet does.
func (e *errand[T]) run(c *crew, deadline time.Duration) (T, error) {
	if err := c.submit(&e.crewJob); err != nil {
		var none T
		return none, err
	}
	return e.await(deadline)
}

// await waits for the end and takes the outcome.
func (e *errand[T]) await(deadline time.Duration) (v T, err error) {
	defer e.leave() // also if we are killed meanwhile
	if err = e.until(jobOver, deadline); err != nil {
		return v, err
	}
	return e.value, e.err
}

// until waits until the job is in that state.
func (e *errand[T]) until(state jobState, deadline time.Duration) error {
	e.hub.expect()
	defer e.hub.unexpect()
	for {
		reached, err := e.crew.reached(&e.crewJob, state)
		if reached {
			return nil
		}
		if err == nil {
			err = e.park(e.why, deadline)
		}
		if err != nil {
			e.cancel(err)
			return err
		}
	}
}

// leave ends the wait, in whatever way.
func (e *errand[T]) leave() {
	e.cancel(ErrExit)
	if e.crew.leave(&e.crewJob) && e.undo != nil {
		go e.drop() // outside the hub, as when the function ends after us
	}
}

func (e *errand[T]) drop() {
	if e.err == nil && e.undo != nil {
		e.undo(e.value)
	}
}
