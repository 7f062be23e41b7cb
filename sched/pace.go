package sched

import "time"

// pace returns how many steps are granted: 64, or as many as took a millisecond at the last time, so that tasks which compute
// for long between their yields do not keep timers, events and posts waiting for 64 of them. More are granted again when 64
// have been fast in a row: a ticker's short step between two long ones says nothing. After a wait it begins with few, as nobody
// knows what comes.
func (s *Scheduler) pace() int {
	if !s.paced {
		return quantum
	}
	now := s.clock.Now()
	if s.pollIn == quantum { // there was a look at events in this very turn
		s.looked = now
	} else if now-s.looked > slice/2 { // in 64 steps of nearly a millisecond each it would be too late
		s.pollIn = 0
	}
	switch d := now - s.granted; {
	case s.granted < 0 || s.quantum > 0: // it was not that many steps
	case d > slice:
		s.grant = max(1, int(time.Duration(s.grant)*slice/d))
		s.fast, s.pollIn = 0, 0
	case d < slice/2:
		if s.fast += s.grant; s.fast >= quantum {
			s.fast, s.grant = 0, min(2*s.grant, quantum)
		}
	}
	s.granted = now
	return s.grant
}

const (
	slice = time.Millisecond // how long timers, events and posts are to wait at most for the tasks that run
	few   = 8                // the most steps that are granted after a wait
)
