package sched

import "sync/atomic"

// pulse is what other goroutines see of the loop: how many times it has granted steps or come back from the poller, and
// in the lowest bit, whether it is about to wait there, or waits. Only the loop writes it: once in 64 steps, and twice a
// wait.
type pulse struct{ n atomic.Uint32 }

// sleep is called before the loop looks a last time for what would keep it from waiting.
func (p *pulse) sleep() { p.n.Store(p.n.Load() | 1) }

// beat also ends a sleep whose end was missed: a Goexit in a hook of the poll skips it.
func (p *pulse) beat() { p.n.Store((p.n.Load() | 1) + 1) }

func (p *pulse) asleep() bool { return p.n.Load()&1 != 0 }

// Pulse is for watchdogs: beats changes whenever the loop gets its turn, which it does after each 64 steps at the
// latest, and waiting says that it waits in the poller, so that nothing blocks it. A loop that does not wait and whose
// beats stand still is held up by one of its tasks, or stands outside Run and RunReady. Safe from any goroutine.
func (s *Scheduler) Pulse() (beats uint32, waiting bool) {
	n := s.mail.pulse.n.Load()
	return n >> 1, n&1 != 0
}
