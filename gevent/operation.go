package gevent

import (
	"sync/atomic"

	"greenloop/sched"
)

// This file is how the operations of a File follow each other, though the greenlets that asked for them may be gone.

// departed has the turn while an operation runs whose greenlet is gone.
var departed = new(sched.Task)

// inTurn calls fn, which may wait, when it is the current greenlet's turn to use the file.
func (f *File) inTurn(call string, fn func(h *Hub) error) error {
	h, err := f.use(call)
	if err != nil {
		return err
	}
	me := h.sched.Current()
	for f.holder != nil && f.holder != me { // others may make us ready, too: what counts is whose turn it is
		if err := f.awaitTurn(h); err != nil {
			return err
		}
		if f.closed && f.holder != me {
			_, err := f.use(call)
			return err
		}
	}
	f.holder = me
	defer f.leave()
	if _, err := f.use(call); err != nil { // it was closed when we had got the turn
		return err
	}
	return fn(h)
}

// awaitTurn waits for whoever has the turn, who waits for a goroutine, or has left it to one that ends it by itself.
func (f *File) awaitTurn(h *Hub) error {
	h.expect()
	defer h.unexpect()
	return f.waiters.Wait(h.sched, inTheFile)
}

// leave passes the turn on to the one who has waited longest, or to the stray operation.
func (f *File) leave() {
	if f.stray {
		f.holder = departed
		return
	}
	f.holder = f.waiters.Wake()
}

// An operation is between the goroutine that makes it and the greenlet that asked for it, which may be gone before it
// begins: then it is not made. If the greenlet goes later, others learn from the goroutine when it is over.
type operation struct{ stage atomic.Int32 }

const (
	opAsked int32 = iota
	opBegun
	opEnded
	opForsaken
)

// begin reports whether the operation is to be made. On the goroutine.
func (o *operation) begin() bool { return o.stage.CompareAndSwap(opAsked, opBegun) }

// end reports whether nobody waits any more. On the goroutine.
func (o *operation) end() (stray bool) { return !o.stage.CompareAndSwap(opBegun, opEnded) }

// forsake reports whether the operation goes on without the greenlet, which leaves in any case.
func (o *operation) forsake() (stray bool) {
	return !o.stage.CompareAndSwap(opAsked, opForsaken) && o.stage.CompareAndSwap(opBegun, opForsaken)
}

// perform makes an operation on another goroutine and waits for it.
func perform[T any](f *File, h *Hub, fn func() (T, error)) (T, error) {
	o := new(operation)
	inTurn := f.holder == h.sched.Current()
	defer func() { // also if we are killed meanwhile
		if o.forsake() && inTurn {
			f.stray = true
		}
	}()
	return onThread(h, func() (v T, err error) {
		if !o.begin() {
			return v, ErrExit // nobody sees it
		}
		defer func() {
			if o.end() && inTurn {
				h.Post(f.strayed)
			}
		}()
		return fn()
	}, nil)
}

// onThread runs fn in the hub's pool. It never runs if the greenlet is gone before its turn: what must run, as a Close, goes past it.
func onThread[T any](h *Hub, fn func() (T, error), undo func(T)) (T, error) {
	return newErrand(h, onFile, plain("File", fn), undo).run(&h.threads.crew, sched.Never)
}

// strayed is told that an operation is over whose greenlet was gone.
func (f *File) strayed() {
	f.stray = false
	f.leave()
}
