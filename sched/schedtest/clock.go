package schedtest

import (
	"sync/atomic"
	"time"
)

// A Clock is virtual: it stands still until its Poller, or Set, moves it. The zero value stands at zero.
type Clock struct{ now atomic.Int64 }

// Now returns the virtual time. Safe from any goroutine.
func (c *Clock) Now() time.Duration { return time.Duration(c.now.Load()) }

// Set moves the clock, never back: it is for tests that drive a scheduler without a Sim. Hub thread only.
func (c *Clock) Set(now time.Duration) {
	if now < c.Now() {
		panic("schedtest: a clock does not go back, from " + c.Now().String() + " to " + now.String())
	}
	c.now.Store(int64(now))
}
