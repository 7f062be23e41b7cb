package gevent

import (
	"context"
	"errors"
	"sync"
	"time"

	"greenloop/sched"
)

// The Shared primitives are for threads: any goroutine, and greenlets of any hub, may use them. A greenlet that waits
// parks, and is woken through its own hub; a goroutine that waits blocks. They differ from the others of this package in
// three points:
//
//   - Whoever calls when something is there takes it, also before those who wait. Among these the order is first come,
//     first served, but each takes what it waits for by itself, on its own thread: so nothing is ever promised to a hub that
//     is busy, or to a greenlet that is killed meanwhile, and nothing has to be given back.
//   - A greenlet that waits keeps its hub from reporting a deadlock, as somebody outside may still come.
//   - They belong to no hub and outlive all.
//
// A room is what they have in common: the lock, which nobody holds while waiting.
type room struct {
	mu        sync.Mutex
	woken     *sleeper   // will be roused once the lock is free
	others    []*sleeper // likewise
	observers map[*observer]*sleeper
}

func (r *room) lock() { r.mu.Lock() }

// unlock also rouses those who were woken under the lock: not before, as the first that they want is the lock.
func (r *room) unlock() {
	woken, others := r.woken, r.others
	r.woken, r.others = nil, nil
	r.mu.Unlock()
	if woken == nil {
		return
	}
	woken.rouse()
	for _, w := range others {
		w.rouse()
	}
}

// rouse has w look again. Under the lock.
func (r *room) rouse(w *sleeper) {
	if r.woken == nil {
		r.woken = w
	} else {
		r.others = append(r.others, w)
	}
}

// wake takes the first out of l and rouses it. Under the lock.
func (r *room) wake(l *lineup) {
	if w := l.first; w != nil {
		l.remove(w)
		r.rouse(w)
	}
}

func (r *room) wakeAll(l *lineup) {
	for l.first != nil {
		r.wake(l)
	}
}

// An allowance is how long a wait may take.
type allowance struct {
	d   time.Duration
	ctx context.Context // nil: without
}

var forever = allowance{d: sched.Never}

func within(d time.Duration) allowance { return allowance{d: d} }

func during(ctx context.Context) allowance { return allowance{d: sched.Never, ctx: ctx} }

// over returns the cause if the context has ended.
func (p allowance) over() error {
	if p.ctx == nil || p.ctx.Err() == nil {
		return nil
	}
	return context.Cause(p.ctx)
}

// wait returns nil as soon as try, which is called under the lock, returns true. Between two tries it sleeps in l, from
// which whoever changes what try looks at wakes it. What ends it early: a timeout, the end of the context, an error
// thrown.
func (r *room) wait(l *lineup, p allowance, why sched.Reason, try func() bool) error {
	h := lookup()
	if h != nil && h.sched.Current() != nil {
		h.sched.Spend() // first: a kill that finds us there must not find us with something taken
	}
	if r.attempt(try) {
		return nil
	}
	if err := p.over(); err != nil {
		return err
	}
	if p.d <= 0 {
		if h != nil {
			h.sched.Yield()
		}
		if r.attempt(try) {
			return nil
		}
		return ErrTimeout
	}
	return r.sleep(h, l, p, why, try)
}

func (r *room) attempt(try func() bool) bool {
	r.lock()
	defer r.unlock()
	return try()
}

func (r *room) sleep(h *Hub, l *lineup, p allowance, why sched.Reason, try func() bool) error {
	s := slumber{room: r, line: l, allowance: p}
	s.begin(h)
	defer s.end() // also if we are killed meanwhile
	for {
		r.lock()
		s.done = try()
		if !s.done && s.sleeper.line == nil {
			l.put(&s.sleeper, s.told)
			s.told = true
		}
		r.unlock()
		if s.done {
			return nil
		}
		if err := p.over(); err != nil {
			return err
		}
		if err := s.nap(why); err != nil {
			// What came in time counts, though we have not been told of it yet.
			if s.late(err) && r.attempt(try) {
				s.done = true
				return nil
			}
			return err
		}
	}
}

// A slumber is one wait of a sleeper in a room.
type slumber struct {
	sleeper
	allowance
	room     *room
	line     *lineup
	deadline time.Duration // of a greenlet, on its hub's clock
	timer    *time.Timer   // of a goroutine; nil for none
	forget   func() bool   // the context, if a greenlet waits
	told     bool          // has been in the line before: it goes to the front now
	done     bool          // has got what it waited for
}

func (s *slumber) begin(h *Hub) {
	switch {
	case h != nil:
		s.lie(h)
		s.deadline = s.hub.sched.After(s.d)
		s.hub.expect()
		if s.ctx != nil {
			s.forget = context.AfterFunc(s.ctx, s.rouse)
		}
	default:
		s.alarm = make(chan struct{}, 1)
		if s.d != sched.Never {
			s.timer = time.NewTimer(s.d)
		}
	}
}

// end leaves the line. Who was told that there is something, and leaves it, tells the next.
func (s *slumber) end() {
	s.room.lock()
	switch {
	case s.sleeper.line != nil:
		s.line.remove(&s.sleeper)
	case !s.done:
		s.room.wake(s.line)
	}
	s.room.unlock()
	if s.forget != nil {
		s.forget()
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	if s.hub != nil {
		s.hub.unexpect()
	}
}

// nap sleeps until there may be something new.
func (s *slumber) nap(why sched.Reason) error {
	if s.hub != nil {
		return s.park(why, s.deadline)
	}
	var late <-chan time.Time
	if s.timer != nil {
		late = s.timer.C
	}
	var canceled <-chan struct{}
	if s.ctx != nil {
		canceled = s.ctx.Done()
	}
	select {
	case <-s.alarm:
	case <-canceled:
	case <-late:
		return ErrTimeout
	}
	return nil
}

// late reports whether err is that of the wait's own deadline, not one that was thrown.
func (s *slumber) late(err error) bool {
	return errors.Is(err, ErrTimeout) && (s.hub == nil || s.hub.sched.Now() >= s.deadline)
}

// observe has o told when one of those who sleep in l would be; at once if ready says so.
func (r *room) observe(l *lineup, o *observer, ready func() bool) {
	h := current("Wait")
	w := &sleeper{hub: h}
	w.notify = func() {
		if r.forget(o) {
			h.unexpect()
			o.notify()
		}
	}
	r.lock()
	now := ready()
	if !now {
		if r.observers == nil {
			r.observers = make(map[*observer]*sleeper)
		}
		r.observers[o] = w
		l.put(w, false)
	}
	r.unlock()
	if now {
		o.notify()
		return
	}
	h.expect()
}

func (r *room) ignore(o *observer) {
	if r.forget(o) {
		current("Wait").unexpect()
	}
}

// forget reports whether o was there still.
func (r *room) forget(o *observer) bool {
	r.lock()
	defer r.unlock()
	w := r.observers[o]
	if w == nil {
		return false
	}
	delete(r.observers, o)
	if w.line != nil {
		w.line.remove(w)
	}
	return true
}
