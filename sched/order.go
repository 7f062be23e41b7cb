package sched

import (
	"cmp"
	"slices"
	"time"
)

// RunQueue returns the tasks that are ready, in the order in which they will run (but for a Config.Seed), with no look at
// what the loop will find before. Hub thread only.
func (s *Scheduler) RunQueue() []*Task {
	s.mustBeHere("RunQueue")
	all := make([]*Task, 0, s.runq.n)
	for t := s.runq.head; t != nil; t = t.next {
		all = append(all, t)
	}
	return all
}

// An Armed is a Timer that runs, or a wait or a delay with a deadline.
type Armed struct {
	Deadline time.Duration // on the scheduler's clock
	Timer    *Timer        // nil for a task's
	Task     *Task         // nil for a Timer's
}

// Timers returns all that are armed, in the order in which they will fire. Hub thread only.
func (s *Scheduler) Timers() []Armed {
	s.mustBeHere("Timers")
	heap := slices.Clone(s.timers.heap)
	slices.SortFunc(heap, func(a, b entry) int { return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.seq, b.seq)) })
	all := make([]Armed, len(heap))
	for i, e := range heap {
		all[i].Deadline = e.when
		if e.a.wakes {
			all[i].Task = e.a.task()
		} else {
			all[i].Timer = e.a.timer()
		}
	}
	return all
}

// Body returns what t calls when it fires. Hub thread only.
func (t *Timer) Body() Body { return t.body }
