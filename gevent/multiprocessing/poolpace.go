package multiprocessing

import "time"

// A pace is how many calls of a function a worker is given at once: as many as it makes in about a millisecond, by what
// is known of the last ones. If the next take longer, idle workers take over what is not begun.
type pace struct{ calls int }

const (
	paceTime   = time.Millisecond
	paceGrowth = 16 // at a time, since a few calls tell little of others
	maxPace    = 1 << 14
)

// learn takes note of how long calls took.
func (p *pace) learn(calls int, took time.Duration) {
	fit := float64(calls) * float64(paceTime) / float64(max(took, 1))
	p.calls = max(int(min(fit, float64(paceGrowth*max(p.calls, 1)), maxPace)), 1)
}

func (p *Pool) paceOf(fn string) *pace {
	known := p.paces[fn]
	if known == nil {
		known = &pace{1}
		p.paces[fn] = known
	}
	return known
}
