package gevent

import (
	"context"
	"sync"
	"time"

	"greenloop/sched"
)

// Await runs fn on another goroutine at once, however many such run already, and waits for it while other greenlets run.
// It is for what waits by itself and needs no thread meanwhile: a library that has goroutines of its own, such as
// net/http's transport or a gRPC client. For what blocks a thread or computes take Offload, which is bounded. All that is
// said there of results, panics, kills and what fn must not do holds here; ctx ends when nobody waits for fn any more.
// Parks. Hub thread only.
func Await[T any](fn func(ctx context.Context) (T, error)) (T, error) {
	h := current("Await")
	mustRun("Await", fn != nil)
	return newErrand(h, sched.Why("function on a goroutine"), fn, nil).run(&h.awaits, sched.Never)
}

// AwaitContext waits until ctx is done, and returns nil then; ctx.Err tells why. Its error is that of the wait, thrown at
// the greenlet or of its scope. No goroutine waits meanwhile. Parks. Hub thread only.
func AwaitContext(ctx context.Context) error {
	h := current("AwaitContext")
	return awaitContext(h, ctx, sched.Never)
}

// AwaitContextTimeout is AwaitContext that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it
// still lets all run that is ready.
func AwaitContextTimeout(ctx context.Context, d time.Duration) error {
	h := current("AwaitContextTimeout")
	if d <= 0 && ctx.Err() == nil {
		h.sched.Yield()
	}
	return awaitContext(h, ctx, h.sched.After(d))
}

func awaitContext(h *Hub, ctx context.Context, deadline time.Duration) error {
	w := new(sleeper)
	w.lie(h)
	if ctx.Done() != nil { // else nobody can end it, which is a deadlock if nothing else can go on
		h.expect()
		defer h.unexpect()
		defer context.AfterFunc(ctx, w.rouse)()
	}
	for ctx.Err() == nil {
		if err := w.park(sched.Why("context to be done"), deadline); err != nil {
			return err
		}
	}
	return nil
}

// AwaitWaitGroup waits until wg has come to zero. Its error is that of the wait, thrown at the greenlet or of its scope;
// then one goroutine goes on waiting, as a WaitGroup offers no way to stop that. Parks. Hub thread only.
func AwaitWaitGroup(wg *sync.WaitGroup) error {
	_, err := offload(current("AwaitWaitGroup"), sched.Why("WaitGroup"), func() (struct{}, error) {
		wg.Wait()
		return struct{}{}, nil
	}, nil)
	return err
}

// Done returns a channel that is closed when the greenlet has ended: this is how other goroutines wait for one. Once it is
// closed, Err and Get may be called there, too, and do not wait. Safe from any goroutine.
func (g *Greenlet) Done() <-chan struct{} {
	if g.hub == nil {
		panic("gevent: Done of a Greenlet that was never spawned")
	}
	done, fresh := g.hub.deaths.of(g)
	if !fresh {
		return done
	}
	watch := func() { g.task.OnDone(func() { g.hub.deaths.tell(g) }) }
	switch {
	case g.hub.here():
		watch()
	case !g.hub.sched.Post(watch): // the hub has ended, and all that was its own
		g.hub.deaths.tell(g)
	}
	return done
}

// deaths are the channels that Done has returned, of greenlets whose end has not been told yet: one for each, as Done is
// called again and again in loops around a select.
type deaths struct {
	mu    sync.Mutex
	dones map[*Greenlet]chan struct{}
}

// of returns the channel for g's end, and whether it was made just now.
func (e *deaths) of(g *Greenlet) (done chan struct{}, fresh bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if done = e.dones[g]; done != nil {
		return done, false
	}
	if e.dones == nil {
		e.dones = make(map[*Greenlet]chan struct{})
	}
	done = make(chan struct{})
	e.dones[g] = done
	return done, true
}

func (e *deaths) tell(g *Greenlet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.dones[g])
	delete(e.dones, g)
}
