package gevent

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	"greenloop/sched"
)

// A service is what StreamServer and DatagramServer have in common: handlers in greenlets of their own, room for them, and
// an end. Its hub is that of whoever serves.
type service struct {
	home
	begun    bool
	most     int   // handlers at once; 0: no bound
	pool     *Pool // nil: none
	stopped  bool
	handlers map[*Greenlet]net.Conn // with what each serves; nil for a datagram
	change   sched.WaitQueue        // woken when a handler has ended
	ticket   sched.Ticket           // of a wait of whoever serves, which the stop ends
}

// begin is called once, before anything is served.
func (s *service) begin(call string, most int, pool *Pool) *Hub {
	h := s.at(call)
	if s.begun {
		panic("gevent: " + call + " after Serve or Start; make another server for another listener")
	}
	if pool != nil {
		pool.at(call)
	}
	s.begun, s.most, s.pool = true, most, pool
	s.handlers = make(map[*Greenlet]net.Conn)
	return h
}

// awaitRoom waits until there is room for one more handler, or until the service is stopped. It takes no place.
func (s *service) awaitRoom() error {
	for !s.stopped {
		q := s.full()
		if q == nil {
			return nil
		}
		if err := s.wait(q, (*serviceFull)(s), Never); err != nil {
			return err
		}
	}
	return nil
}

// full returns the queue in which to wait for room, nil if there is room.
func (s *service) full() *sched.WaitQueue {
	switch {
	case s.most > 0 && len(s.handlers) >= s.most:
		return &s.change
	case s.pool != nil && s.pool.Full():
		return &s.pool.slots.free
	}
	return nil
}

// wait is a wait that the stop ends, too. Like every wait for a change it may be over too early.
func (s *service) wait(q *sched.WaitQueue, why sched.Reason, deadline time.Duration) error {
	s.ticket = s.hub.sched.Ticket()
	defer func() { s.ticket = sched.Ticket{} }() // it fits the task's next wait if there was none
	return q.WaitUntil(s.hub.sched, why, deadline)
}

// take takes a place in the pool, if there is one, unless the service is stopped first. Most often there is one at once.
func (s *service) take() (granted bool, err error) {
	if s.pool == nil || s.pool.slots.tryTake() {
		return !s.stopped || s.giveBack(), nil
	}
	a := &asking{Reason: (*poolPlace)(s.pool)}
	for !a.granted && !s.stopped {
		if err := s.wait(&s.pool.slots.queue, a, Never); err != nil {
			return false, err
		}
	}
	return a.granted && (!s.stopped || s.giveBack()), nil
}

// giveBack gives back the place that came when the service had been stopped: nobody would wait for the handler, or kill it.
func (s *service) giveBack() bool {
	if s.pool != nil {
		s.pool.slots.give()
	}
	return false
}

// start starts g, for which there is a place, and calls ended in the loop when it has.
func (s *service) start(name string, g *Greenlet, c net.Conn, fn func() error, ended func()) {
	s.handlers[g] = c
	g.start(s.hub, name, fn)
	g.task.OnDone(func() {
		delete(s.handlers, g)
		ended()
		s.change.WakeAll()
	})
	if s.pool != nil {
		s.pool.enter(g) // which kills it if the pool is being killed
	}
}

// last waits until no handler is left.
func (s *service) last() error {
	for len(s.handlers) > 0 {
		if err := s.change.Wait(s.hub.sched, sched.Why("last handlers of a server")); err != nil {
			return err
		}
	}
	return nil
}

// shut stops the service. The handlers go on.
func (s *service) shut(call string, source interface{ Close() error }) {
	s.at(call)
	if s.stopped {
		return
	}
	s.stopped = true
	if s.begun {
		_ = source.Close()
		s.ticket.Ready()
	}
}

// stop gives the handlers the time grace, kills those that have not ended then, and waits for them.
func (s *service) stop(grace time.Duration) (killed int) {
	var rest []*Greenlet
	defer func() { // if we are one of them, or are killed meanwhile: nothing may be left behind
		for _, g := range s.running() {
			if rest == nil && g != Current() {
				g.KillAsync()
			}
		}
	}()
	deadline := s.hub.sched.After(grace)
	for len(s.handlers) > 0 {
		if s.change.WaitUntil(s.hub.sched, sched.Why("handlers to finish"), deadline) != nil {
			break // time is up, or an error was thrown at us: then, too, nothing may be left behind
		}
	}
	rest = s.running()
	_ = Shield(func() error { return KillAll(rest...) }) // a scope that is over must not keep us from waiting for them
	return len(rest)
}

// running returns the handlers in the order in which they were started.
func (s *service) running() []*Greenlet {
	return slices.SortedFunc(maps.Keys(s.handlers), func(a, b *Greenlet) int { return cmp.Compare(a.ID(), b.ID()) })
}

// serviceFull is what is waited for while there is no room.
type serviceFull service

func (r *serviceFull) String() string {
	if r.most > 0 && len(r.handlers) >= r.most {
		return fmt.Sprintf("a handler to end (%d run)", len(r.handlers))
	}
	return (*poolPlace)(r.pool).String()
}

// Holders returns those who have the places.
func (r *serviceFull) Holders() (tasks []*sched.Task) {
	if r.most > 0 && len(r.handlers) >= r.most {
		for _, g := range (*service)(r).running() {
			tasks = append(tasks, &g.task)
		}
		return tasks
	}
	return (*poolPlace)(r.pool).Holders()
}
