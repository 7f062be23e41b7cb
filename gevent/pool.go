package gevent

import (
	"errors"
	"fmt"
	"time"

	"greenloop/sched"
)

// ErrPoolFull is returned by TrySpawn when a pool has no place.
var ErrPoolFull = errors.New("gevent: pool is full")

// A Pool is a Group of at most so many greenlets at a time: to spawn one more waits until a member leaves. The places
// go to those who wait in the order of their calls. A member that spawns into its own pool while that is full waits for
// a place that a member has to leave; if all do so, none ever will, and the hub's DeadlockError says so. Apply and Map
// know better. NewPool makes one; it must not be copied.
type Pool struct {
	members
	slots  slots
	asking int // members that wait for a place in it
}

// NewPool returns a pool of size places; with 0 it admits nobody. For no limit, take a Group. Safe from any goroutine.
func NewPool(size int) *Pool {
	if size < 0 {
		panic("gevent: NewPool of a negative size; for no limit take a Group")
	}
	p := &Pool{slots: slots{size: size}}
	p.left = func(m *member) {
		p.stopAsking(m)
		p.slots.give()
	}
	return p
}

// Spawn is the function Spawn for a new member; it waits while the pool is full. Its error is one thrown at the caller;
// then nothing was spawned. Parks. Hub thread only.
func (p *Pool) Spawn(fn func() error) (*Greenlet, error) {
	return p.spawn(p.at("Pool.Spawn"), fn, sched.Never)
}

// SpawnTimeout is Spawn that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still
// lets all run that is ready. Parks. Hub thread only.
func (p *Pool) SpawnTimeout(d time.Duration, fn func() error) (*Greenlet, error) {
	h := p.at("Pool.SpawnTimeout")
	return p.spawn(h, fn, p.patience(h, d))
}

// TrySpawn is Spawn that does not wait, and returns ErrPoolFull if the pool is. Hub thread only.
func (p *Pool) TrySpawn(fn func() error) (*Greenlet, error) {
	g := new(Greenlet)
	if !p.startNow("Pool.TrySpawn", g, fn) {
		return nil, ErrPoolFull
	}
	return g, nil
}

// patience is that of members, for a pool that is full.
func (p *Pool) patience(h *Hub, d time.Duration) time.Duration {
	if d <= 0 && p.Full() {
		h.sched.Yield()
	}
	return h.sched.After(d)
}

func (p *Pool) spawn(h *Hub, fn func() error, deadline time.Duration) (*Greenlet, error) {
	g := new(Greenlet)
	if err := p.fill(h, g, fn, deadline); err != nil {
		return nil, err
	}
	return g, nil
}

func (p *Pool) start(call string, g *Greenlet, fn func() error) error {
	return p.fill(p.at(call), g, fn, sched.Never)
}

// fill takes a place and starts g in it.
func (p *Pool) fill(h *Hub, g *Greenlet, fn func() error, deadline time.Duration) error {
	mustHave(fn) // while no place is taken
	if err := p.take(h, deadline); err != nil {
		return err
	}
	p.admit(h, g, fn)
	return nil
}

// admit starts g in a place that has been taken for it.
func (p *Pool) admit(h *Hub, g *Greenlet, fn func() error) {
	g.start(h, "", fn)
	p.enter(g)
}

func (p *Pool) startNow(call string, g *Greenlet, fn func() error) bool {
	h := p.at(call)
	mustHave(fn)
	if !p.slots.tryTake() {
		return false
	}
	p.admit(h, g, fn)
	return true
}

// Add makes g, which has been spawned elsewhere, a member; it waits while the pool is full. One that has ended, or is a
// member already, is passed over, also if it does so while Add waits. Its error is one thrown at the caller. Parks. Hub
// thread only.
func (p *Pool) Add(g *Greenlet) error { return p.add(p.at("Pool.Add"), g, sched.Never) }

// AddTimeout is Add that waits no longer than d, and returns ErrTimeout then; with a d of zero or less it still lets
// all run that is ready. Parks. Hub thread only.
func (p *Pool) AddTimeout(d time.Duration, g *Greenlet) error {
	h := p.at("Pool.AddTimeout")
	return p.add(h, g, p.patience(h, d))
}

func (p *Pool) add(h *Hub, g *Greenlet, deadline time.Duration) error {
	g.mustBeOurs("Add")
	superfluous := func() bool { return g.Ready() || p.Contains(g) }
	if superfluous() {
		return nil
	}
	if err := p.take(h, deadline); err != nil {
		return err
	}
	if superfluous() {
		p.slots.give()
		return nil
	}
	p.enter(g)
	if m := p.set[g]; m != nil && p.waitsFor(g) {
		p.startAsking(m)
	}
	return nil
}

// take takes a place. It notes whether a member waits for it, so that a report need not look at all of them.
func (p *Pool) take(h *Hub, deadline time.Duration) error {
	h.atOnce() // places come free at once where all that is spawned is killed
	if p.slots.tryTake() {
		return nil
	}
	self := Current()
	if m := p.set[self]; m != nil {
		p.startAsking(m)
	}
	defer func() {
		if m := p.set[self]; m != nil { // it may have come, and gone, meanwhile
			p.stopAsking(m)
		}
	}()
	return p.slots.wait(h, (*poolPlace)(p), deadline)
}

// waitsFor reports whether g waits for a place.
func (p *Pool) waitsFor(g *Greenlet) bool {
	a, ok := g.task.Why().(*asking)
	return ok && a.Reason == sched.Reason((*poolPlace)(p))
}

func (p *Pool) startAsking(m *member) {
	if !m.asks {
		m.asks = true
		p.asking++
	}
}

func (p *Pool) stopAsking(m *member) {
	if m.asks {
		m.asks = false
		p.asking--
	}
}

// Discard takes g out without ending it, which frees its place. It does nothing if g is no member. Hub thread only.
func (p *Pool) Discard(g *Greenlet) {
	p.at("Pool.Discard")
	p.discard(g)
}

// Size returns the number of places. Safe from any goroutine.
func (p *Pool) Size() int { return p.slots.size }

// FreeCount returns how many places are free. Hub thread only.
func (p *Pool) FreeCount() int { return p.slots.size - p.slots.used }

// Full reports whether no place is free. Hub thread only.
func (p *Pool) Full() bool { return !p.slots.available() }

// WaitAvailable waits until a place is free, after all those who wait for one to take it. It does not take it: whoever runs
// before the caller's next wait may. Its error is one thrown at the caller. Parks. Hub thread only.
func (p *Pool) WaitAvailable() error {
	return p.slots.await(p.at("Pool.WaitAvailable"), (*poolPlace)(p), sched.Never)
}

// WaitAvailableTimeout is WaitAvailable that waits no longer than d, and returns ErrTimeout then; with a d of zero or
// less it still lets all run that is ready. Parks. Hub thread only.
func (p *Pool) WaitAvailableTimeout(d time.Duration) error {
	h := p.at("Pool.WaitAvailableTimeout")
	return p.slots.await(h, (*poolPlace)(p), p.patience(h, d))
}

// poolPlace is what those wait for who wait for a place.
type poolPlace Pool

func (r *poolPlace) String() string {
	waiting := r.asking
	members := "1 member"
	if n := r.Len(); n != 1 {
		members = fmt.Sprintf("%d members", n)
	}
	switch {
	case waiting == 0:
		return fmt.Sprintf("pool full (%s)", members)
	case waiting == r.Len():
		return fmt.Sprintf("pool full (%s, all of them waiting for a place in it)", members)
	}
	return fmt.Sprintf("pool full (%s, %d of them waiting for a place in it)", members, waiting)
}

// Holders returns the members, the oldest if there are many.
func (r *poolPlace) Holders() []*sched.Task { return r.tasks() }
