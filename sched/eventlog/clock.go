package eventlog

import (
	"time"

	"greenloop/sched"
)

// A clock reads the scheduler's clock, and where that is the system's and the processor counts by itself, as few times as it
// can: between two looks it goes on with the counter. Reading the system's clock takes 25 ns on the machine where a
// switch takes 57, the counter 8, and each switch has one reading.
//
// It never goes back, and never runs ahead of what the next look will find by more than the counter's rate has changed in a
// millisecond. After a poll it looks in any case: the processor may have slept.
type clock struct {
	latest time.Duration

	real    bool // it may count
	asked   bool // whether it may
	base    time.Duration
	from    uint64 // the counter at base
	perTick float64
	limit   uint64 // ticks from there until the next look; 0: always look
	learnt  bool   // base and from are of a look since which no poll has come
}

const (
	learning = 100 * time.Microsecond // long enough to know the rate to a part in a thousand
	trusting = time.Millisecond
)

// now returns the time on the clock of s.
func (c *clock) now(s *sched.Scheduler) time.Duration {
	if c.limit != 0 {
		if d := ticks() - c.from; d < c.limit {
			c.latest = max(c.latest, c.base+time.Duration(float64(d)*c.perTick))
			return c.latest
		}
	}
	if !c.asked {
		c.asked, c.real = true, hasTicks && s.RealTime()
	}
	now := s.Now()
	if c.real {
		c.learn(now, ticks())
	}
	c.latest = max(c.latest, now)
	return c.latest
}

// learn takes note that the counter stands at n at that time.
func (c *clock) learn(now time.Duration, n uint64) {
	switch d := now - c.base; {
	case !c.learnt || n <= c.from:
	case d < learning && c.limit == 0:
		return // not yet long enough
	default:
		c.perTick = float64(d) / float64(n-c.from)
		c.limit = uint64(float64(trusting) / max(c.perTick, 1e-3))
	}
	c.base, c.from, c.learnt = now, n, true
}

// look has the next reading be one of the system's clock.
func (c *clock) look(s *sched.Scheduler) {
	limit := c.limit
	c.limit, c.learnt = 0, false
	c.now(s)
	c.limit = limit
}
