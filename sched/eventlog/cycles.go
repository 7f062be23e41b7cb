package eventlog

import (
	"maps"
	"slices"

	"greenloop/sched"
)

// cycles finds those who wait for each other while states go by: a host may return ten thousand times while ten thousand
// tasks wait, so that it looks only at who waits for a task, and only when that has changed.
type cycles struct {
	waiting map[uint64]bool // parked for what others have
	stale   bool
	found   [][]uint64
}

func newCycles(s *State) *cycles {
	c := &cycles{waiting: make(map[uint64]bool), stale: true}
	for id, w := range s.Parked {
		if len(w.Holders) > 0 {
			c.waiting[id] = true
		}
	}
	return c
}

// see takes note of e.
func (c *cycles) see(e *Event) {
	switch {
	case e.Kind == Park && len(e.Holders) > 0:
		c.waiting[e.Task], c.stale = true, true
	case (e.Kind == Ready || e.Kind == Exit) && c.waiting[e.Task]:
		delete(c.waiting, e.Task)
		c.stale = true
	}
}

// in returns the cycles in s, the state after all that was seen.
func (c *cycles) in(s *State) [][]uint64 {
	if !c.stale {
		return c.found
	}
	tasks := make([]sched.TaskInfo, 0, len(c.waiting))
	for _, id := range slices.Sorted(maps.Keys(c.waiting)) {
		info := sched.TaskInfo{ID: id}
		for _, h := range s.Parked[id].Holders {
			info.Holders = append(info.Holders, sched.Holder{ID: h})
		}
		tasks = append(tasks, info)
	}
	c.stale, c.found = false, sched.Cycles(tasks)
	return c.found
}
