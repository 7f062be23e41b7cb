package coro

import (
	"fmt"
	"iter"
	"runtime/debug"
)

// An Exit tells how a body ended other than by returning.
type Exit struct {
	Goexit bool   // it called runtime.Goexit, or was made to
	Doomed bool   // that Goexit is meant for whoever it runs as a part of, too; see Doom
	Panic  any    // the value it panicked with; if Goexit is set, too, in a deferred function that ran because of it
	Stack  []byte // of the panic, from where it was raised
}

// call runs the body and contains its panic. A Goexit passes through it, cannot be stopped, and ends in exited.
func (c *Coroutine) call() (exit *Exit) {
	returned := false
	defer func() {
		if returned {
			return
		}
		// A panic in a deferred function of a goroutine that is in Goexit is recovered here, too, but the Goexit
		// goes on: then nothing is returned, and exited finds the panic with the thread.
		if v := recover(); v != nil {
			exit = &Exit{Panic: v, Stack: debug.Stack()}
			c.thread.panicked = exit
		}
	}()
	c.runner.Run()
	returned = true
	return nil
}

// Doom says that the Goexit by which c, the current coroutine, is about to be ended is meant for the one that it runs as a
// part of as well, as a task's kill is for the raw coroutines inside the task. It comes out as Exit.Doomed; to pass it on is up
// to who gets that.
func (c *Coroutine) Doom() {
	th := c.thread
	if th.doomed == nil {
		th.doomed = make(map[*Coroutine]bool)
	}
	th.doomed[c] = true
	if th.onDoom != nil {
		th.onDoom(c)
	}
}

// exited runs in the last deferred function of a goroutine that is ending by runtime.Goexit and cannot be kept.
// iter.Pull would raise the Goexit again in the goroutine that sits in our slot, if it sits there through next; through
// yield it would not. So the parity is made right before we go.
func (th *Thread) exited(w *worker) {
	exit := th.panicked
	if exit == nil {
		exit = new(Exit)
	}
	th.panicked = nil
	exit.Goexit = true
	exit.Doomed = th.doomed[w.job]
	delete(th.doomed, w.job)
	normal := false
	defer func() {
		if !normal {
			internalError(fmt.Sprint("Finished must return normally, but ended with: ", recover()))
		}
	}()
	next := th.finish(w, exit)
	normal = true
	if next.at == nil {
		th.seat(next)
		th.current = next
	}
	if w.slot.turn {
		th.flip(w)
	}
}

// flip replaces the goroutine that sits in w's slot through next by a throwaway one that sits there through yield.
// Five switches and one iter.Pull, about a microsecond, leaving nothing behind:
//
//	dying w    → throwaway  starts it; w sits in the throwaway's slot
//	throwaway  → occupant   through w's yield: the occupant leaves next unharmed, the throwaway takes its place
//	occupant   → w          it finds that flipping is due to run, and passes control on
//	w ends     → throwaway  whose yield says that the iteration is over, nothing more; it ends
//	           → occupant   which passes on to the one that should run
func (th *Thread) flip(w *worker) {
	next := th.current
	p := new(slot)
	p.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		w.slot.swap()
	})
	th.flipping.at = p
	th.current = &th.flipping
	p.swap()
	th.flipping.at = nil
	th.current = next
}

// internalError ends the process: a panic here would surface in whichever coroutine happens to sit in our slot.
func internalError(text string) {
	stack := debug.Stack()
	go func() {
		panic("coro: " + text + "; if no code of yours implements coro.Runner, please file a bug\n\n" + string(stack))
	}()
	select {}
}
