package gevent

import (
	"slices"
	"sync"
	"weak"

	"greenloop/sched"
)

// A Local holds a value for each greenlet: each sees its own only. A value goes when its greenlet ends, even if that is
// still referred to, and all of them go with the Local itself. It works in main and in posted functions, too; raw
// greenlets and generators share the values of the greenlet in which they run. The zero value is ready for use, by
// several hubs, too. It must not be copied. Greenlets that do not use it pay nothing for it.
type Local[T any] struct {
	// Init, if not nil, makes the value that a greenlet finds which has not set one. It may wait.
	Init func() T

	mu     sync.Mutex // hubs on other threads; held for a look at the map only
	values map[*sched.Task]T
}

// A forgetter drops a Local's value of a task that ends.
type forgetter interface {
	forget(t *sched.Task)
	gone() bool // the Local itself
}

// A localUse is a Local that a task has used. It does not keep the Local alive.
type localUse[T any] struct{ local weak.Pointer[Local[T]] }

func (u localUse[T]) forget(t *sched.Task) {
	if l := u.local.Value(); l != nil {
		l.drop(t)
	}
}

func (u localUse[T]) gone() bool { return u.local.Value() == nil }

func (l *Local[T]) drop(t *sched.Task) {
	l.mu.Lock()
	delete(l.values, t)
	l.mu.Unlock()
}

func (l *Local[T]) of(t *sched.Task) (value T, ok bool) {
	l.mu.Lock()
	value, ok = l.values[t]
	l.mu.Unlock()
	return value, ok
}

// Get returns the current greenlet's value: what it has set, or else what Init makes, or else the zero value. Hub
// thread only.
func (l *Local[T]) Get() T {
	t := current("Local.Get").task("Local.Get")
	value, ok := l.of(t)
	if !ok && l.Init != nil {
		value = l.Init()
		l.set(t, value)
	}
	return value
}

// Lookup returns the current greenlet's value and whether it has one; it does not call Init. Hub thread only.
func (l *Local[T]) Lookup() (T, bool) {
	return l.of(current("Local.Lookup").task("Local.Lookup"))
}

// Of returns the value of another greenlet, and whether that has one. Hub thread only.
func (l *Local[T]) Of(g *Greenlet) (T, bool) { return l.of(&g.task) }

// Set sets the current greenlet's value. Hub thread only.
func (l *Local[T]) Set(value T) {
	l.set(current("Local.Set").task("Local.Set"), value)
}

func (l *Local[T]) set(t *sched.Task, value T) {
	l.mu.Lock()
	if l.values == nil {
		l.values = make(map[*sched.Task]T)
	}
	_, again := l.values[t]
	l.values[t] = value
	l.mu.Unlock()
	if !again {
		extraOf(t).uses(t, localUse[T]{weak.Make(l)})
	}
}

// uses notes that t has a value in the Local.
func (e *extra) uses(t *sched.Task, local forgetter) {
	if slices.Contains(e.locals, local) {
		return
	}
	if e.locals == nil {
		t.OnDone(func() {
			for _, l := range e.locals {
				l.forget(t)
			}
			e.locals = nil
		})
	}
	if len(e.locals) == cap(e.locals) {
		e.locals = slices.DeleteFunc(e.locals, forgetter.gone)
	}
	e.locals = append(e.locals, local)
}

// Delete drops the current greenlet's value: it is as if it had never been set. Hub thread only.
func (l *Local[T]) Delete() { l.drop(current("Local.Delete").task("Local.Delete")) }
