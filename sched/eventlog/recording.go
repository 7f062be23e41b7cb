package eventlog

import (
	"cmp"
	"maps"
	"runtime"
	"slices"
	"time"

	"greenloop/sched"
)

// A Recording is what a Log held at one moment. It does not change any more, and may be read by any goroutine.
type Recording struct {
	Events []Event
	Lost   uint64        // events before them, which the ring has no more
	Taken  time.Duration // when, on the scheduler's clock
	Tasks  []Task        // all that the events and the states tell of, in the order of their IDs
	start  State         // before the first event
}

// A Task is one of a Recording.
type Task struct {
	ID     uint64
	Name   string // as given at the spawn
	Parent uint64 // who spawned it; 0 if that is not known
	Site   Line   // where it was spawned, with Config.Sites of the scheduler, or else its function
}

// Task returns the task of that ID, of which the recording tells.
func (r *Recording) Task(id uint64) (Task, bool) {
	i, ok := slices.BinarySearchFunc(r.Tasks, id, func(t Task, id uint64) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return Task{}, false
	}
	return r.Tasks[i], true
}

// Recording returns what l holds; it ends where the hooks of l were removed. Hub thread only, or any goroutine once the
// scheduler has ended or the hooks were removed.
func (l *Log) Recording() *Recording {
	r, end := new(Recording), l.end
	switch {
	case l.s != nil:
		end = presentOf(l.s, &l.clock)
	case end == nil:
		r.start = newState()
		return r
	}
	r.Taken, r.Lost = end.at, l.Lost()
	d := decoder{objects: make(map[uintptr]int), timers: make(map[uint64]int), tasks: make(map[uint64]Task)}
	r.Events = make([]Event, 0, len(l.ring))
	first := l.n - uint64(len(l.ring))
	for i := range uint64(len(l.ring)) {
		r.Events = append(r.Events, d.event(&l.ring[(first+i)&(l.size-1)]))
	}
	r.start = d.state(end)
	slices.Reverse(r.start.Queue) // see undo
	for i := range r.Events {
		r.start.undo(&r.Events[len(r.Events)-1-i])
	}
	slices.Reverse(r.start.Queue)
	r.Tasks = slices.SortedFunc(maps.Values(d.tasks), func(a, b Task) int { return cmp.Compare(a.ID, b.ID) })
	return r
}

// A decoder makes events of entries. Addresses become numbers in the order in which they appear, so that the same program
// has the same recording in each run.
type decoder struct {
	objects map[uintptr]int
	timers  map[uint64]int
	tasks   map[uint64]Task
}

func (d *decoder) event(e *entry) Event {
	v := Event{Kind: e.kind, At: e.at, Task: e.task, Other: e.other, Text: e.text, Deadline: e.deadline}
	if e.pc != 0 {
		v.Line, _ = placeOf(e.pc)
	}
	if e.rest != nil {
		v.Holders = e.rest.holders
	}
	switch e.kind {
	case Spawn:
		d.know(e.task, e.text, e.other, e.site)
	case Exit:
		d.know(e.task, e.text, 0, e.site)
		v.Text, v.Ran = "", e.flag
		if e.rest != nil {
			v.Text = e.rest.how
		}
	case TimerSet, TimerGone:
		v.Timer, v.Other, v.Fired, v.Calls = number(d.timers, e.other), 0, e.flag, functionAt(e.object)
	case Pass:
		v.Text, v.From, v.To = "", e.text, e.rest.to
	case Park, Ready:
		v.Waited, v.Fired = e.kind == Ready && e.flag, e.late
		if e.object != 0 {
			v.Object = number(d.objects, e.object)
		}
	}
	return v
}

// know keeps what is to be known of a task; what came first has the parent.
func (d *decoder) know(id uint64, name string, parent uint64, site sched.Site) {
	if _, known := d.tasks[id]; known {
		return
	}
	t := Task{ID: id, Name: name, Parent: parent}
	t.Site.Function, t.Site.File, t.Site.Line = site.Place()
	d.tasks[id] = t
}

// number returns that of key, the next one if it has none.
func number[K comparable](numbers map[K]int, key K) int {
	n, known := numbers[key]
	if !known {
		n = len(numbers) + 1
		numbers[key] = n
	}
	return n
}

func functionAt(pc uintptr) Line {
	f := runtime.FuncForPC(pc)
	if f == nil {
		return Line{}
	}
	file, line := f.FileLine(pc)
	return Line{f.Name(), file, line}
}
