package sched

import (
	"reflect"
	"sync"
)

// An Origin is what can be told of a task while its thread is blocked.
type Origin struct {
	ID   uint64
	Name string
	Site string // "spawned at file:line" with Config.Sites, else empty
}

// roster lists the tasks that have a name or a site to tell, for other goroutines. Most tasks have neither, and cost
// nothing.
type roster struct {
	mu    sync.Mutex
	tasks map[*Task]listing
}

// listing is an Origin before its site was looked up; the task itself is only for its own thread to read.
type listing struct {
	id   uint64
	name string
	pc   uintptr
}

// listed reports whether t has something to tell. The answer is the same from its spawn to its end.
func (t *Task) listed() bool {
	if t.rare != nil && t.rare.site != 0 {
		return true
	}
	_, post := t.body.(posted)
	return t.name != "" && !post
}

func (r *roster) enter(t *Task) {
	e := listing{id: t.id, name: t.name}
	if t.rare != nil {
		e.pc = t.rare.site
	}
	r.mu.Lock()
	if r.tasks == nil {
		r.tasks = make(map[*Task]listing)
	}
	r.tasks[t] = e
	r.mu.Unlock()
}

func (r *roster) leave(t *Task) {
	r.mu.Lock()
	delete(r.tasks, t)
	r.mu.Unlock()
}

// Origin tells of the task at an address, as a stack trace shows it in "(*runner).Run(0x...)", what it was spawned with. It
// knows those that have a name or a site and have not ended, if Config.Roster is set. Safe from any goroutine.
func (s *Scheduler) Origin(address uintptr) (Origin, bool) {
	if s.roster == nil {
		return Origin{}, false
	}
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	for t, e := range s.roster.tasks {
		if reflect.ValueOf(t).Pointer() == address {
			return Origin{ID: e.id, Name: e.name, Site: Site{e.pc, true}.String()}, true
		}
	}
	return Origin{}, false
}
