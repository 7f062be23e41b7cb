package netpoll

import (
	"math"
	"time"
)

// milliseconds rounds a timeout up for system calls that count so: rounded down, the last part of a wait would be a busy loop.
// What is too long for them ends early, as Wait may.
func milliseconds(timeout time.Duration) int {
	if timeout < 0 {
		return -1
	}
	whole := timeout / time.Millisecond
	if timeout%time.Millisecond != 0 {
		whole++
	}
	return int(min(whole, math.MaxInt32))
}
