package multiprocessing

import (
	"time"

	"greenloop/gevent"
)

// OnSlowComputers has pre-fork masters take what happens within d for what happens at once, until restore is called: a
// worker is young for so long, and keeps idle connections that are about to be used.
func OnSlowComputers(d time.Duration) (restore func()) {
	formerYouth, formerDrain := youth, usualDrain
	youth, usualDrain = d, d
	return func() { youth, usualDrain = formerYouth, formerDrain }
}

// Deafen has those of this hub who wait look again and again, as on systems where nothing tells them of a change.
func Deafen() {
	hub := gevent.GetHub()
	towers.Lock()
	defer towers.Unlock()
	towers.of[hub] = &bells{hub: hub, waiting: 1, regions: map[int32]*region{}, deaths: map[int32]*death{}}
}

// Undeafen ends a Deafen.
func Undeafen() {
	towers.Lock()
	defer towers.Unlock()
	delete(towers.of, gevent.GetHub())
}

// Hubs returns how many hubs have something that wakes those who wait.
func Hubs() int {
	towers.Lock()
	defer towers.Unlock()
	return len(towers.of)
}

// Left calls fn outside a hub, where it may then look at what an ended hub has left.
func (s *shared) Left(fn func() bool) bool {
	hub := s.r.hub
	s.r.hub = nil
	defer func() { s.r.hub = hub }()
	return fn()
}

// Failures returns how many workers were started in vain, one after the other.
func (p *Pool) Failures() int { return p.failures }
