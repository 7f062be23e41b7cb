package gevent

import (
	"errors"
	"time"

	"greenloop/greenlet"
	"greenloop/sched"
)

// ErrExit is what a greenlet ended with that was killed, or that ended itself by runtime.Goexit: Python's GreenletExit.
var ErrExit = sched.ErrKilled

// ErrTimeout is returned by a wait that took longer than it was allowed to. Its Timeout method returns true.
var ErrTimeout = sched.ErrTimeout

type (
	// A PanicError is what a greenlet ended with that panicked: the value and the stack.
	PanicError = sched.PanicError
	// A DeadlockError lists what all greenlets wait for when nothing can wake them.
	DeadlockError = sched.DeadlockError
)

// A Greenlet runs a function on a stack of its own. It runs until it waits for something; so between two waits no other
// greenlet runs. All its methods are for greenlets of the same hub, except where they say otherwise.
type Greenlet struct {
	task sched.Task
	hub  *Hub
	fn   func() error
	err  error // of fn, or of the last kill

	spawner uint64         // the number of the task that spawned it, 0 if none did
	vars    *greenlet.Vars // for its start; nil if none are set
}

// Spawn makes a greenlet that calls fn. It starts once the caller waits, after those spawned before it. Hub thread only.
func Spawn(fn func() error) *Greenlet {
	g := new(Greenlet)
	g.start(current("Spawn"), "", fn)
	return g
}

// SpawnNamed is Spawn with a name that reports and views show. Hub thread only.
func SpawnNamed(name string, fn func() error) *Greenlet {
	g := new(Greenlet)
	g.start(current("SpawnNamed"), name, fn)
	return g
}

// SpawnLater is Spawn after a delay; equal deadlines start in the order of the calls. Hub thread only.
func SpawnLater(delay time.Duration, fn func() error) *Greenlet {
	h := current("SpawnLater")
	mustHave(fn)
	g := &Greenlet{hub: h, fn: fn}
	g.inherit(h)
	h.sched.StartLater(&g.task, "", g, delay)
	return g
}

func mustHave(fn func() error) {
	if fn == nil {
		panic("gevent: a greenlet needs a function, got nil")
	}
}

func (g *Greenlet) start(h *Hub, name string, fn func() error) {
	mustHave(fn)
	g.hub, g.fn = h, fn
	g.inherit(h)
	h.sched.Start(&g.task, name, g)
}

// Run is the body of the greenlet, for the scheduler only.
func (g *Greenlet) Run() {
	defer greenlet.Leave() // raw greenlets and generators that were made in it end with it
	if g.vars != nil {
		greenlet.Current().SetVars(g.vars)
		g.vars = nil
	}
	g.err = g.fn()
}

// Place names the greenlet's function, for the scheduler's reports.
func (g *Greenlet) Place() any { return g.fn }

func (g *Greenlet) observe(o *observer) {
	g.mustBeOurs("Wait")
	if g.Ready() {
		o.notify()
		return
	}
	e := extraOf(&g.task)
	if !e.observed {
		e.observed = true
		g.task.OnDone(e.observers.tell)
	}
	e.observers.add(o)
}

func (g *Greenlet) ignore(o *observer) {
	if o.list != nil {
		o.list.remove(o)
	}
}

func (g *Greenlet) mustBeSpawned(call string) {
	if g.hub == nil {
		panic("gevent: " + call + " of a Greenlet that was never spawned")
	}
}

// mustBeOurs panics if g runs on another thread, which would be a data race and a wake-up that never comes.
func (g *Greenlet) mustBeOurs(call string) {
	g.mustBeSpawned(call)
	if !g.hub.here() && !g.hub.closed.Load() {
		panic("gevent: " + call + " for a greenlet of another hub; wait for its Done with Recv, or hand the work to that hub with " +
			"its Post")
	}
}

// ID returns the greenlet's number, unique in its hub. Safe from any goroutine.
func (g *Greenlet) ID() uint64 { return g.task.ID() }

// Name returns the name given at the spawn. Safe from any goroutine.
func (g *Greenlet) Name() string { return g.task.Name() }

// String returns name and number, as reports show them.
func (g *Greenlet) String() string {
	if g == nil {
		return "no greenlet"
	}
	return g.task.String()
}

// Ready reports whether the greenlet has ended, in whatever way. Hub thread only.
func (g *Greenlet) Ready() bool { return g.task.State() == sched.Done }

// Err returns how the greenlet ended: the error of its function; ErrExit, or what KillWith gave, if it was killed; or
// a *PanicError. It is nil while the greenlet has not ended, and if it succeeded. Hub thread only.
func (g *Greenlet) Err() error {
	err := g.task.Err()
	switch {
	case !g.Ready():
		return nil
	case err == nil, err == ErrExit && g.err != nil: // that very value: the scheduler's own
		return g.err
	}
	return err
}

// failed is Err without the ends that count as success: a greenlet that was killed did what it was told.
func (g *Greenlet) failed() error {
	if err := g.Err(); !errors.Is(err, ErrExit) {
		return err
	}
	return nil
}

// Get waits until the greenlet has ended and returns what Err does, to each caller and each time. If the wait itself is
// ended by an error thrown at the caller, that is returned. Parks. Hub thread only.
func (g *Greenlet) Get() error {
	if err := g.Join(); err != nil {
		return err
	}
	return g.Err()
}

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (g *Greenlet) GetTimeout(d time.Duration) error {
	if err := g.JoinTimeout(d); err != nil {
		return err
	}
	return g.Err()
}

// Join waits until the greenlet has ended, in whatever way; how, Err tells. Its own error is that of the wait, thrown at
// the caller. Those who join are woken in the order of their calls. Parks. Hub thread only.
func (g *Greenlet) Join() error { return g.task.JoinUntil(sched.Never) }

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it
// still lets all run that is ready. Parks. Hub thread only.
func (g *Greenlet) JoinTimeout(d time.Duration) error {
	if d <= 0 && !g.Ready() {
		g.hub.sched.Yield()
		if !g.Ready() {
			return ErrTimeout
		}
	}
	return g.task.JoinUntil(g.hub.sched.After(d))
}

// A Result is a greenlet with a typed result.
type Result[T any] struct {
	Greenlet
	value T
}

// Go is Spawn for a function that returns a value. Hub thread only.
func Go[T any](fn func() (T, error)) *Result[T] {
	if fn == nil {
		panic("gevent: Go of a nil function")
	}
	r := new(Result[T])
	r.start(current("Go"), "", func() (err error) {
		r.value, err = fn()
		return err
	})
	return r
}

// Get waits until the greenlet has ended and returns its value and what Err does, to each caller and each time. Parks.
// Hub thread only.
func (r *Result[T]) Get() (T, error) {
	err := r.Greenlet.Get()
	return r.value, err
}

// GetTimeout is Get that waits no longer than d, and returns ErrTimeout then. Parks. Hub thread only.
func (r *Result[T]) GetTimeout(d time.Duration) (T, error) {
	err := r.Greenlet.GetTimeout(d)
	return r.value, err
}

// Current returns the greenlet that is running, nil outside. Safe from any goroutine.
func Current() *Greenlet {
	h := lookup()
	if h == nil || h.sched.Current() == nil {
		return nil
	}
	g, _ := h.sched.Current().Body().(*Greenlet)
	return g
}

// Sleep parks the current greenlet for the duration d, counted from now; if d is not above zero it yields. Nobody who
// makes the greenlet ready by mistake ends it early. It returns nil, or an error that was thrown at the greenlet.
// Parks. Hub thread only.
func Sleep(d time.Duration) error {
	s := current("Sleep").sched
	if d <= 0 {
		s.Yield()
		return nil
	}
	for deadline := s.After(d); d > 0; d = deadline - s.Now() {
		if err := s.Sleep(d); err != nil {
			return err
		}
	}
	return nil
}

// Yield lets all greenlets run that are ready before the current one goes on. Hub thread only.
func Yield() { sched.YieldIn(yielding) }

func yielding() *sched.Scheduler { return current("Yield").sched }

// Exit ends the current greenlet; its deferred functions run, and others see ErrExit. Hub thread only.
func Exit() {
	h := current("Exit")
	if t := h.sched.Current(); t != nil {
		h.sched.Kill(t)
	}
	panic("gevent: Exit called outside a greenlet")
}
