package eventlog

import (
	"time"

	"greenloop/sched"
)

// A Clock reads a scheduler's clock as a Log does, mostly without a look at the system's: for hooks that account for time.
// The zero value is ready. It is for one scheduler.
type Clock struct{ clock clock }

// Now returns the time on the clock of s. Hub thread only.
func (c *Clock) Now(s *sched.Scheduler) time.Duration { return c.clock.now(s) }

// Look is to be called in AfterPoll: the processor may have slept meanwhile. Hub thread only.
func (c *Clock) Look(s *sched.Scheduler) { c.clock.look(s) }
