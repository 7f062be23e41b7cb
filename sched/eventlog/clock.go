package eventlog

import (
	"math"
	"time"

	"greenloop/sched"
)

// A Clock reads a scheduler's clock as a Log does, and as any hooks may that account for time. Where that clock is the
// system's and the processor counts by itself, it looks as few times as it can: between two looks it goes on with the
// counter. Reading the system's clock takes 25 ns on the machine where a switch takes 57, the counter 8, and each switch has
// one reading. The zero value is ready. It is for one scheduler.
//
// It never goes back, and is never farther from the system's clock than a few hundredths of a millisecond.
type Clock struct {
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
	agreeing = 1.0 / 64
	// While the counter makes that many ticks, a clock that goes moves on: 3 µs at the 3 GHz usual on amd64, 0.4 ms at 24 MHz
	// on arm64.
	standing = 10_000
)

// Now returns the time on the clock of s. Hub thread only.
func (c *Clock) Now(s *sched.Scheduler) time.Duration {
	if c.limit != 0 {
		if d := ticks() - c.from; d < c.limit {
			c.latest = max(c.latest, c.base+time.Duration(float64(d)*c.perTick))
			return c.latest
		}
	}
	c.read(s)
	return c.latest
}

// Look reads the clock of s itself. It is to be called in AfterPoll: the processor may have slept meanwhile. Hub thread only.
func (c *Clock) Look(s *sched.Scheduler) {
	c.learnt = false
	c.read(s)
}

func (c *Clock) read(s *sched.Scheduler) {
	before := ticks()
	now := s.Now()
	if !c.asked {
		c.asked, c.real, c.latest = true, hasTicks && s.RealTime(), now
	}
	if c.real {
		c.learn(now, before, ticks())
	}
	c.latest = max(c.latest, now)
}

// learn takes note that the counter stood between before and n at that time. A rate is trusted if it is that of the former
// stretch, as a thread that is held up just between the two readings gives any. A clock that stands still, as in a bubble of
// testing/synctest, is not counted for at all.
func (c *Clock) learn(now time.Duration, before, n uint64) {
	switch d := now - c.base; {
	case !c.learnt || n <= c.from:
	case d == 0 && n-c.from > standing:
		c.real, c.limit = false, 0 // the bubble's time, which stands still
		return
	case d < learning && c.limit == 0:
		return // not yet long enough
	default:
		rate := float64(d) / float64(n-c.from)
		if c.limit = 0; math.Abs(rate-c.perTick) < c.perTick*agreeing {
			c.limit = uint64(float64(trusting) / rate)
		}
		c.perTick = rate
	}
	if n-before > c.limit/64 {
		c.limit = 0 // held up: the counter and the clock are not of the same moment
	}
	c.base, c.from, c.learnt = now, n, true
}
