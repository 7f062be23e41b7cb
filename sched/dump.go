package sched

import (
	"fmt"
	"strings"
	"time"
)

// TaskInfo describes a task at one moment.
type TaskInfo struct {
	ID      uint64
	Name    string
	State   State
	Why     string        // what it waits for, if it is parked
	Since   time.Duration // for how long, as far as the loop has looked at the clock
	Holders []Holder      // who has what it waits for, if that is known; the first 16
	Site    string        // "spawned at file:line"; without Config.Sites the place of its body, "in function (file:line)"
	Parent  uint64        // ID of the task that spawned it, which may have ended; 0 if that is not known
}

func (i TaskInfo) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "task %d", i.ID)
	if i.Name != "" {
		fmt.Fprintf(&b, " %q", i.Name)
	}
	fmt.Fprintf(&b, " %s", i.State)
	if i.Why != "" {
		fmt.Fprintf(&b, " on %s for %v", Printable(i.Why), i.Since)
	}
	held := ", held by "
	for n, h := range i.Holders {
		if n == 4 {
			b.WriteString(" and others")
			break
		}
		if h.State != Done && strings.Contains(i.Why, h.String()) {
			continue // "join of worker (task 2)" has said it
		}
		b.WriteString(held + h.String())
		held = ", "
	}
	if i.Site != "" {
		fmt.Fprintf(&b, ", %s", i.Site)
	}
	return b.String()
}

// Dump describes all tasks that are not done, in spawn order. Hub thread only.
func (s *Scheduler) Dump() []TaskInfo {
	now := s.clock.Now()
	all := make([]TaskInfo, s.live)
	i := len(all)
	places := make(map[Site]string) // thousands are of the same place
	for t := s.newest; t != nil; t = t.older {
		i--
		site := t.Site()
		place, known := places[site]
		if !known {
			place = site.String()
			places[site] = place
		}
		all[i] = TaskInfo{ID: t.id, Name: t.name, State: t.state, Site: place, Parent: t.spawnedBy()}
		if t.state == Parked {
			all[i].Why, all[i].Since = fmt.Sprint(t.reason), now-t.since // Sprint: it may be nil, or panic
			all[i].Holders = s.described(t)
		}
	}
	return all
}

// Tasks returns all tasks that are not done, in spawn order, as Dump does. Hub thread only.
func (s *Scheduler) Tasks() []*Task {
	all := make([]*Task, s.live)
	i := len(all)
	for t := s.newest; t != nil; t = t.older {
		i--
		all[i] = t
	}
	return all
}

// Task returns the task of that number, nil if it is done or never was. It looks at all that are younger. Hub thread only.
func (s *Scheduler) Task(id uint64) *Task {
	for t := s.newest; t != nil && t.id >= id; t = t.older {
		if t.id == id {
			return t
		}
	}
	return nil
}

// A DeadlockError says that all tasks wait and nothing can wake them: no timer runs, no event is awaited, and nobody
// outside holds the scheduler (see Hold).
type DeadlockError struct {
	Graph // of all of them
}

func (e *DeadlockError) Error() string {
	text := fmt.Sprintf("sched: deadlock: all %d tasks wait and nothing can wake them\n", len(e.Tasks))
	return strings.ReplaceAll(text+e.String(), "\n", "\n\t")
}

// Stats are figures about a scheduler.
type Stats struct {
	Spawned  uint64 // tasks, ever
	Switches uint64 // from one task to another
	Polls    uint64
	Posts    uint64
	Live     int // tasks that are not done
	Ready    int // of them, in the run queue
	Timers   int // armed
	Events   int // tasks that wait for the poller
}

// Stats returns the figures of this moment. Hub thread only.
func (s *Scheduler) Stats() Stats {
	return Stats{
		Spawned: s.spawned, Switches: s.switches, Polls: s.polls, Posts: s.posts,
		Live: s.live, Ready: s.runq.n, Timers: len(s.timers.heap), Events: s.poller.Waiting(),
	}
}
