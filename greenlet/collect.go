package greenlet

import (
	"context"
	"log/slog"
	"runtime"
	"runtime/debug"
	"weak"

	"greenloop/runtime/coro"
)

// How a greenlet or a generator is found that nobody can resume any more, since its handle is lost.
//
// The runtime tells when a handle is garbage; but to ask it for that costs more than a short life does. So it is asked
// only for what has lived through a garbage collection: until then the thing itself keeps its handle. One sentinel for all
// that have started since the last collection tells when there was one.

// A lookout is how a lost handle is noticed, and one that is not lost found again.
type lookout struct {
	known   weak.Pointer[Greenlet]
	cleanup runtime.Cleanup
}

// watch has the runtime tell when g, the handle of f, is lost.
func (f *flow) watch(g *Greenlet) {
	f.lookout = &lookout{weak.Make(g), runtime.AddCleanup(g, abandoned.tell, abandoned{f.tree.local, f})}
}

// age implements ender: f has lived through a garbage collection.
func (f *flow) age() {
	if f.lookout != nil {
		return
	}
	f.watch(f.handle)
	if f.state == suspended {
		f.handle = nil
	}
}

// abandoned is what is left of a handle.
type abandoned struct {
	local *local
	what  ender
}

// tell is called by the runtime, on a goroutine of its own.
func (a abandoned) tell() {
	l := a.local
	l.lost.Lock()
	l.lost.list = append(l.lost.list, a.what)
	l.lost.Unlock()
	l.ring()
}

// ring has the thread attend to what a garbage collection has brought, at its next call. Safe from any goroutine.
func (l *local) ring() {
	if !l.alert.Swap(true) {
		if fn := l.notify.Load(); fn != nil {
			(*fn)()
		}
	}
}

// expect makes sure that the next garbage collection is noticed.
func (l *local) expect() {
	if !l.expecting {
		l.expecting = true
		runtime.AddCleanup(new([2]*local), (*local).collected, l) // with a pointer in it, it shares its memory with nothing else
	}
}

func (l *local) collected() {
	l.passed.Store(true)
	l.ring()
}

// attend does what ring has asked for, on behalf of the current greenlet. It returns how many were ended.
func (l *local) attend() (ended int) {
	if !l.alert.Load() {
		return 0
	}
	t := l.ground()
	if t.attending {
		return 0
	}
	t.attending = true
	done := false
	defer func() {
		t.attending = false
		if !done { // a kill, or a panic of the handler's, has come between: the rest is for the next call
			l.alert.Store(false)
			l.ring()
		}
	}()
	for l.alert.Swap(false) { // it may have been set meanwhile, and nobody is told again as long as it is
		if l.passed.Swap(false) {
			l.expecting = false
			for _, t := range l.nursery {
				t.grow()
			}
			l.nursery = nil
		}
		for what := l.nextLost(); what != nil; what = l.nextLost() {
			if l.bury(what) {
				ended++
			}
		}
	}
	done = true
	return ended
}

func (l *local) nextLost() ender {
	l.lost.Lock()
	defer l.lost.Unlock()
	if len(l.lost.list) == 0 {
		l.lost.list = nil
		return nil
	}
	what := l.lost.list[0]
	l.lost.list = l.lost.list[1:]
	return what
}

// bury ends what was abandoned. A panic of a deferred function has nobody to go to but the handler.
func (l *local) bury(what ender) (ended bool) {
	defer func() {
		if v := recover(); v != nil {
			ended = true
			p := l.panicked(&coro.Exit{Panic: v, Stack: debug.Stack()})
			if l.onPanic == nil {
				slog.LogAttrs(context.Background(), slog.LevelError, "an abandoned greenlet or generator was ended, and panicked",
					slog.Any("panic", v), slog.String("stack", string(p.Stack)))
				return
			}
			l.onPanic(p)
		}
	}()
	return what.abandon()
}

// abandon implements ender. What is ended here may belong to another tree, whose task waits; it then ends as a part of
// this one, since the two must not come to run on one another's stacks.
func (f *flow) abandon() bool {
	if f.state != suspended || f.handle != nil || f.lookout.known.Value() != nil {
		return false // it has ended; or its deferred functions have made it known again
	}
	me := f.tree.local.here()
	if t := me.tree.top(); f.tree.top() != t {
		f.seat.remove()
		t.enroll(&f.seat, f)
		f.tree, f.parent = t, t.root.self()
	}
	return f.end(me)
}

// Collect ends the greenlets and generators of the calling thread that were found abandoned: suspended, while
// nobody holds the *Greenlet or *Generator any more that could resume them. Their deferred functions run, as after Kill or Close, on
// behalf of the current greenlet. It returns how many were ended.
//
// All calls of this package that switch or make greenlets do the same first. What is abandoned is found by the garbage
// collector, in its second cycle after the start at the earliest. One that is held by its own stack, as a variable of its own
// function, is not found; Run and Leave end it.
func Collect() int {
	if l := lookup(); l != nil {
		return l.attend()
	}
	return 0
}

// Notify has fn called, on any goroutine, when there may be something for Collect to do on the calling thread, so that a
// scheduler which waits can be woken for it. fn must return at once. nil removes it. On a goroutine that has no greenlets
// yet, a function that is not nil makes the main one, as New does, and is kept until Leave. Notify returns the function
// before.
func Notify(fn func()) (previous func()) {
	l := settings(fn != nil)
	if l == nil {
		return nil
	}
	set := &fn
	if fn == nil {
		set = nil
	}
	if p := l.notify.Swap(set); p != nil {
		previous = *p
	}
	if fn != nil && l.alert.Load() { // who rings is silent as long as that is so
		fn()
	}
	return previous
}

// OnPanic sets, for the calling thread, who is told when a deferred function of an abandoned greenlet or generator panics:
// there is no caller in which that could go on. The default, and nil, logs it with slog. On a goroutine that has no
// greenlets yet it does what Notify does. It returns the function before.
func OnPanic(fn func(p *PanicError)) (previous func(p *PanicError)) {
	l := settings(fn != nil)
	if l == nil {
		return nil
	}
	previous, l.onPanic = l.onPanic, fn
	return previous
}

// settings returns the local of the calling thread, for what is to last if that is said. If it is this package that
// holds the thread, there is a main greenlet then: otherwise the end of the last generator would let the thread go, and
// the settings with it.
func settings(last bool) *local {
	if !last {
		return lookup()
	}
	l := enter()
	if l.held {
		l.here()
	}
	return l
}
