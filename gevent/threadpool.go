package gevent

import (
	"context"
	"iter"
	"strconv"
	"time"

	"greenloop/sched"
)

// A ThreadPool bounds how many functions that block run at once, each on a goroutine outside the hub, while greenlets
// wait for them: see Offload, which uses the one of the hub. One of its own keeps a slow kind of work from using up the
// places of all other kinds. It has no goroutine while nothing runs, and need not be closed. All its methods are for
// greenlets of one hub.
//
// Its functions run outside the hub. One that wants another of the same kind done calls it, as any function; there is no
// way to the pool from there. It must not block for something that a greenlet does after an Offload of its own: when all
// places are taken by such functions, that never comes.
type ThreadPool struct {
	home
	crew crew
}

// offloadMax is the default of Config.OffloadMax. Blocking calls hold a thread each; 64 keep a disk busy, and are far
// from the 10,000 at which Go ends the program.
const offloadMax = 64

// NewThreadPool returns a pool in which size functions run at once. None runs if that is zero, until Resize. Safe from
// any goroutine.
func NewThreadPool(size int) *ThreadPool {
	mustBeSize("NewThreadPool", size)
	return &ThreadPool{crew: crew{max: size}}
}

func mustBeSize(call string, size int) {
	if size < 0 {
		panic("gevent: " + call + " of size " + strconv.Itoa(size) + "; it is how many functions may run at once")
	}
}

// man makes the hub's own crews.
func (h *Hub) man(size int) {
	mustBeSize("Config.OffloadMax", size)
	if size == 0 {
		size = offloadMax
	}
	h.threads.hub, h.threads.crew.max = h, size
	h.awaits.max = int(^uint(0) >> 1)
}

// ThreadPool returns the pool in which the functions given to Offload run. Hub thread only.
func (h *Hub) ThreadPool() *ThreadPool { return &h.threads }

// ThreadApply runs fn in the pool and waits for it, as Offload does. It returns ErrShutdown if the pool is shut down.
// Parks. Hub thread only.
func ThreadApply[T any](p *ThreadPool, fn func(ctx context.Context) (T, error)) (T, error) {
	h := p.at("ThreadApply")
	mustRun("ThreadApply", fn != nil)
	return newErrand(h, offloading, fn, nil).run(&p.crew, sched.Never)
}

// ThreadSpawn waits until the pool has a place for fn, begins it, and returns a greenlet that ends when fn does, with its
// result. Killing that greenlet ends fn's ctx; what else happens then is told at Offload. The error is that of the wait,
// thrown at the caller, or ErrShutdown; fn will not run then. Parks. Hub thread only.
func ThreadSpawn[T any](p *ThreadPool, fn func(ctx context.Context) (T, error)) (*Result[T], error) {
	h := p.at("ThreadSpawn")
	mustRun("ThreadSpawn", fn != nil)
	h.sched.Spend()
	e := newErrand(h, offloading, fn, nil)
	e.wants = true
	if err := p.crew.submit(&e.crewJob); err != nil {
		return nil, err
	}
	begun := false
	defer func() { // also if we are killed meanwhile
		if !begun {
			e.leave()
		}
	}()
	if err := e.until(jobRunning, sched.Never); err != nil {
		return nil, err
	}
	begun = true
	r := Go(func() (T, error) { return e.await(sched.Never) })
	r.task.OnDone(e.leave) // also if it is killed before it starts
	return r, nil
}

// ThreadMap calls fn with each item, as many at once as the pool lets, and returns the results in the order of the items.
// The first error in that order ends it: the contexts of those that still run end, the others are not called. So does an
// error thrown at the caller, or its kill. Parks. Hub thread only.
func ThreadMap[T, R any](p *ThreadPool, items iter.Seq[T], fn func(ctx context.Context, item T) (R, error)) ([]R, error) {
	p.at("ThreadMap")
	mustRun("ThreadMap", fn != nil)
	var parts []*Result[R]
	defer func() { // those that have ended take no notice
		for _, r := range parts {
			r.KillAsync()
		}
	}()
	for item := range items {
		r, err := ThreadSpawn(p, func(ctx context.Context) (R, error) { return fn(ctx, item) })
		if err != nil {
			return nil, err
		}
		parts = append(parts, r)
	}
	results := make([]R, len(parts))
	for i, r := range parts {
		v, err := r.Get()
		if err != nil {
			return nil, err
		}
		results[i] = v
	}
	return results, nil
}

// Resize changes how many functions run at once. What waits and may run now does; what runs already is not stopped. With
// 0 all that comes waits.
func (p *ThreadPool) Resize(size int) {
	p.at("ThreadPool.Resize")
	mustBeSize("ThreadPool.Resize", size)
	p.crew.resize(size)
}

// Size returns how many functions may run at once.
func (p *ThreadPool) Size() int {
	p.at("ThreadPool.Size")
	return p.crew.max
}

// Count returns how many functions run, those that nobody waits for any more included, and how many wait for their turn.
func (p *ThreadPool) Count() (running, queued int) {
	p.at("ThreadPool.Count")
	return p.crew.count()
}

// Join waits until no function runs and none waits for its turn. Parks.
func (p *ThreadPool) Join() error {
	p.at("ThreadPool.Join")
	return p.crew.join(forever)
}

// JoinTimeout is Join that waits no longer than d, and returns ErrTimeout then. Parks.
func (p *ThreadPool) JoinTimeout(d time.Duration) error {
	p.at("ThreadPool.JoinTimeout")
	return p.crew.join(within(d))
}

// Shutdown refuses what comes from now on with ErrShutdown. What runs or waits for its turn is not touched; Join waits
// for it.
func (p *ThreadPool) Shutdown() {
	p.at("ThreadPool.Shutdown")
	p.crew.shutDown(false)
}

// Kill is Shutdown that also refuses what was accepted: all greenlets that wait get ErrShutdown, the contexts of the
// functions that run end, and those that wait for their turn are not called. It does not wait; Join does.
func (p *ThreadPool) Kill() {
	p.at("ThreadPool.Kill")
	p.crew.shutDown(true)
}
