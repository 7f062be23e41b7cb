package multiprocessing

import (
	"runtime"
	"time"

	"greenloop/gevent"
)

// A spinner decides, for one place at which is waited, whether to look again for some microseconds before parking. Two
// processes that answer each other at once then spare the system's waking them, most of the time of a round trip. Each
// time it was in vain, twice as many waits go by without, and each success takes back one such step: who mostly waits
// for long, and who shares the CPUs with many, spins almost never. Its zero value is ready. It is used on the hub's
// thread.
type spinner struct {
	vain int // how often it was in vain more than not, up to maxVain
	skip int // how many waits park at once
}

// A spin is long enough for the other side to be woken once and answer. If it were shorter, two processes of which
// neither spins would never begin to: each would find the other one asleep. At most one wait in 256 spins in vain.
const (
	spinTime = 50 * time.Microsecond
	maxVain  = 8
)

// severalCPUs says whether somebody else can run while we look.
var severalCPUs = runtime.NumCPU() > 1 && runtime.GOMAXPROCS(0) > 1

// spin calls try until it returns true, if that is worth it, and reports whether it did. try must not park.
func (s *spinner) spin(hub *gevent.Hub, try func() bool) bool {
	if !severalCPUs {
		return false
	}
	if s.skip > 0 {
		s.skip--
		return false
	}
	if hub.Spin(spinTime, try) {
		s.vain = max(s.vain-1, 0)
		return true
	}
	s.vain = min(s.vain+1, maxVain)
	s.skip = 1<<s.vain - 1
	return false
}
