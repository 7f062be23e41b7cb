package greenlet

import (
	"errors"
	"fmt"

	"greenloop/runtime/coro"
)

// Run calls fn in the root greenlet of the calling goroutine or task, then ends the greenlets and generators that are left
// suspended, the newest first, with their deferred functions, and leaves: nothing is left of them, and the goroutine is
// locked to its thread no longer than that. If fn panics or calls runtime.Goexit, that goes on after it.
//
// It returns the error of fn, joined with one that says what could not be ended. If a deferred function of a greenlet that it
// ends panics, Run panics with that value after the others were ended.
//
// May be called on any goroutine, in a scheduler's task, and inside Run. Where there are greenlets already (an outer Run, a
// goroutine that New has locked, a greenlet's or generator's body), it only calls fn: what fn leaves is ended
// there, with the rest.
func Run(fn func() error) (err error) {
	l := enter()
	c := l.th.Current()
	if inside(c) || l.trees[c] != nil {
		return fn()
	}
	l.rooted(c)
	defer func() {
		if left := l.leave(c); left != nil {
			err = errors.Join(err, left)
		}
	}()
	return fn()
}

// Leave ends all greenlets and generators of the calling goroutine or task that are suspended, the newest first, with their
// deferred functions; on a goroutine it also ends those that tasks have left over, and undoes the lock to the thread that the
// first call of this package has set. It does nothing where there are none. A later call of this package starts
// anew. Inside Run, which does the same at its end, it is not needed.
//
// It returns an error that says what could not be ended, and panics with what the first of those deferred functions panicked
// with, after all are ended. A generator in which another task waits then ends with that task. Leave is for the root
// greenlet: inside another one, or inside a generator, it panics.
func Leave() error {
	th := coro.Current()
	if th == nil {
		return nil
	}
	l, ok := th.Get(localKey).(*local)
	if !ok {
		return nil
	}
	c := th.Current()
	if inside(c) {
		panic("greenlet: Leave inside a greenlet or a generator; it ends all of them, so call it in the root greenlet, that started them")
	}
	if c == th.Main() {
		l.rooted(c).inherit(&l.loose)
	}
	return l.leave(c)
}

// leave ends what is left in the tree of c, a goroutine or a task, and forgets it.
func (l *local) leave(c *coro.Coroutine) (err error) {
	t := l.trees[c]
	if t == nil {
		return nil
	}
	if c == l.th.Main() {
		l.inherit(t)
	}
	defer l.forget(t) // also when the task is killed meanwhile
	stuck, failure := t.open.close(t.root)
	if c == l.th.Main() {
		l.tracer = nil
	}
	if c == l.th.Main() && l.generators == 0 {
		err = l.release()
	}
	if stuck > 0 {
		err = errors.Join(fmt.Errorf("greenlet: %d greenlets or generators could not be ended, as they wait in a scheduler or execute; "+
			"let them finish first", stuck), err)
	}
	if failure != nil {
		failure.raise()
	}
	return err
}

// inherit makes what tasks have left over a part of t, the tree of the goroutine on which they ran.
func (l *local) inherit(t *tree) {
	for _, other := range l.orphans {
		if other.into == nil {
			l.reach("Leave", t.root, other.root.self())
		}
	}
	l.orphans = nil
}

// inside reports whether c is a part of a greenlet or of a generator.
func inside(c *coro.Coroutine) bool {
	switch c.Runner().(type) {
	case *flow, *source:
		return true
	default:
		return false
	}
}
