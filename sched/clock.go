package sched

import "time"

// A Clock tells the time since some beginning of its own. It never goes back. Hub thread only.
type Clock interface{ Now() time.Duration }

// realClock is the monotonic clock of the operating system; inside a testing/synctest bubble, the bubble's.
type realClock struct{ start time.Time }

func (c realClock) Now() time.Duration { return time.Since(c.start) }

// Now reads the scheduler's clock: the time since New with the default one. Safe from any goroutine if the clock is.
func (s *Scheduler) Now() time.Duration { return s.clock.Now() }

// After returns the deadline that lies d in the future: Never if that is farther than the clock reaches.
func (s *Scheduler) After(d time.Duration) time.Duration {
	now := s.clock.Now()
	if d > Never-now {
		return Never
	}
	return now + max(d, 0)
}

// RealTime reports whether the scheduler's clock is the system's, and not one of Config.Clock. Safe from any goroutine.
func (s *Scheduler) RealTime() bool {
	_, real := s.clock.(realClock)
	return real
}
