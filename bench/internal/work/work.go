// Package work is what a server computes for a request where more than its own cost is wanted.
package work

import (
	"math"
	"time"

	"greenloop/bench/internal/usage"
)

// sink would take a result, so that the compiler may not leave the work out. It is never written: threads do not meet there.
var sink uint64

// Do computes for so many rounds, which use registers only.
func Do(rounds int) {
	if rounds == 0 {
		return
	}
	x := uint64(rounds)
	for range rounds {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 { // never: xorshift has no way there
		sink = x
	}
}

// Rounds returns how many rounds take so much CPU time here: the least of some tries.
func Rounds(cpu time.Duration) (int, error) {
	if cpu <= 0 {
		return 0, nil
	}
	const sample = 2_000_000
	least := time.Duration(math.MaxInt64)
	for range 5 {
		before, err := usage.Self()
		if err != nil {
			return 0, err
		}
		Do(sample)
		after, err := usage.Self()
		if err != nil {
			return 0, err
		}
		least = min(least, after.Total()-before.Total())
	}
	return int(float64(cpu) / float64(max(least, 1)) * sample), nil
}
