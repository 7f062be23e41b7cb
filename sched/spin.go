package sched

import "time"

// Spin calls try again and again, for no longer than limit, and reports whether that returned true. It is for a wait that
// may end within microseconds by what another process does, when to sleep and be woken takes longer. It looks only while
// nobody is held up: it returns false, at once or on the way, when another task is ready, a post has come or a deadline is
// due; when the loop has not looked at events for a millisecond; under a host that makes the steps, and on any clock but the
// system's. Then the caller parks, which is what lets the loop look. try must not park. Does not park. Hub thread only.
func (s *Scheduler) Spin(limit time.Duration, try func() bool) bool {
	s.task("Spin")
	if !s.paced || s.stepping || s.random != nil || s.idlers.list.n > 0 {
		return false
	}
	now := s.clock.Now()
	if s.spinBy == 0 {
		s.spinBy = now + slice
	}
	for end := min(now+limit, s.spinBy, s.timers.next()); now < end; now = s.clock.Now() {
		if s.runq.n > 0 || s.stopping || s.mail.full.Load() {
			return false
		}
		if try() {
			return true
		}
	}
	return false
}
