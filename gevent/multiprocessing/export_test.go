package multiprocessing

import "greenloop/gevent"

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
