package gevent

import (
	"time"

	"greenloop/sched"
)

// slots are a number of places, given out in the order in which they were asked for. A place that comes free goes
// straight to whoever has waited longest: nobody gets in between, and if that one is killed before it runs, it has the
// place nevertheless and gives it back.
type slots struct {
	size, used int
	queue      sched.WaitQueue
	free       sched.WaitQueue // those who wait for a place to be free without taking it
}

// An asking is one wait for a place, and what its task waits for as others see it.
type asking struct {
	sched.Reason
	granted bool
}

// Holders returns those who have the places.
func (a *asking) Holders() []*sched.Task {
	return a.Reason.(interface{ Holders() []*sched.Task }).Holders()
}

func (s *slots) available() bool { return s.used < s.size }

// tryTake takes a place if one is free. Then nobody waits for one.
func (s *slots) tryTake() bool {
	if !s.available() {
		return false
	}
	s.used++
	return true
}

func (s *slots) take(h *Hub, why sched.Reason, deadline time.Duration) error {
	h.atOnce()
	if s.tryTake() {
		return nil
	}
	return s.wait(h, why, deadline)
}

// wait waits for a place, where none is free, and takes it.
func (s *slots) wait(h *Hub, why sched.Reason, deadline time.Duration) error {
	for a := (&asking{Reason: why}); !a.granted; {
		if err := s.queue.WaitUntil(h.sched, a, deadline); err != nil {
			return err
		}
	}
	return nil
}

func (s *slots) give() {
	if t := s.queue.First(); t != nil {
		t.Why().(*asking).granted = true
		s.queue.Wake()
		return
	}
	s.used--
	s.free.WakeAll()
}

// await waits until a place is free.
func (s *slots) await(h *Hub, why sched.Reason, deadline time.Duration) error {
	h.atOnce()
	for !s.available() {
		if err := s.free.WaitUntil(h.sched, why, deadline); err != nil {
			return err
		}
	}
	return nil
}
