package debug

import (
	"context"
	"sync"
	"time"

	"greenloop/gevent"
)

// many is how many tasks make it worth while that requests share what is taken of them.
const many = 1000

// A ferry takes something from the hub for all who ask until it sets off, so that any number of requests at once take it
// once. Who asks later waits for the next one: what comes back is never older than the request.
type ferry[T any] struct {
	mu   sync.Mutex
	next *trip[T] // has not set off; nil if nobody waits for one
}

type trip[T any] struct {
	waiting int // guarded by the ferry's mu
	outcome gevent.SharedResult[T]
}

// ask is as the function ask, but what it returns belongs to others, too. On the hub itself it waits for them only where
// there is much to be taken.
func (f *ferry[T]) ask(ctx context.Context, v *view, limit time.Duration, fn func() T) (T, error) {
	if gevent.GetHub() == v.hub && v.hub.Stats().Live < many {
		return fn(), nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errBusy)
	defer cancel()
	t, first := f.board()
	defer f.leave(t)
	if first && !v.hub.Post(func() { f.run(t, fn) }) {
		f.depart(t)
		t.outcome.Fail(errEnded)
	}
	return t.outcome.GetContext(ctx)
}

func (f *ferry[T]) board() (t *trip[T], first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if first = f.next == nil; first {
		f.next = new(trip[T])
	}
	f.next.waiting++
	return f.next, first
}

func (f *ferry[T]) leave(t *trip[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t.waiting--
}

// depart keeps others from boarding, and returns how many wait.
func (f *ferry[T]) depart(t *trip[T]) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == t {
		f.next = nil
	}
	return t.waiting
}

// run is on the hub's thread.
func (f *ferry[T]) run(t *trip[T], fn func() T) {
	defer t.outcome.Fail(errLost) // fn panicked, or nobody waits any more
	if f.depart(t) > 0 {
		t.outcome.Set(fn())
	}
}
