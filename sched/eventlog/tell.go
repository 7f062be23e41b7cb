package eventlog

import (
	"fmt"
	"path"
	"strings"
	"time"

	"greenloop/sched"
)

// A teller puts events into words.
type teller struct {
	*words
	r      *Recording
	all    bool // also polls that do not wait
	labels map[uint64]string
	ran    map[uint64]bool
}

// The loop, and the host, have no column of their own.
const theLoop = 0

func newTeller(r *Recording, w *words) *teller {
	t := &teller{words: w, r: r, labels: make(map[uint64]string, len(r.Tasks)), ran: make(map[uint64]bool)}
	named := make(map[string]int)
	for _, task := range r.Tasks {
		named[task.Name]++
	}
	for _, task := range r.Tasks {
		switch name := sched.Printable(task.Name); {
		case name == "":
			t.labels[task.ID] = fmt.Sprintf(w.task, task.ID)
		case named[task.Name] > 1:
			t.labels[task.ID] = fmt.Sprintf("%s (%d)", name, task.ID)
		default:
			t.labels[task.ID] = name
		}
	}
	for id := range r.start.Live {
		_, delayed := r.start.Delayed[id]
		t.ran[id] = !delayed
	}
	return t
}

func (t *teller) name(id uint64) string {
	if label, known := t.labels[id]; known {
		return label
	}
	return fmt.Sprintf(t.task, id)
}

// tell says what e was, which came in the state before, and of whom it is told; "" if it is left out.
func (t *teller) tell(e *Event, before *State) (who uint64, text string) {
	switch e.Kind {
	case Spawn:
		return t.spawn(e)
	case Ready:
		return t.ready(e)
	case Park:
		return e.Task, t.park(e) + t.at(e.Line)
	case Yield:
		return e.Task, t.yields + t.at(e.Line)
	case Switch:
		return e.Task, t.gets(e, before)
	case Exit:
		return e.Task, t.exit(e)
	case PollBegin:
		return theLoop, t.poll(e)
	case PollEnd:
		if t.all {
			return theLoop, t.polled
		}
	case TimerSet:
		return before.Running, fmt.Sprintf(t.setsTimer, e.Timer, when(e.Deadline), t.called(e.Calls))
	case TimerGone:
		if e.Fired {
			return theLoop, fmt.Sprintf(t.timerFires, e.Timer, t.called(e.Calls))
		}
		return before.Running, fmt.Sprintf(t.stopsTimer, e.Timer)
	case Deadline:
		if e.Deadline == sched.Never {
			return before.Running, fmt.Sprintf(t.takesOff, t.name(e.Task))
		}
		return before.Running, fmt.Sprintf(t.moves, t.name(e.Task), when(e.Deadline))
	case Pass:
		return e.Task, sched.Printable(e.From) + " → " + sched.Printable(e.To)
	case Note:
		return e.Task, "“" + sched.Printable(e.Text) + "”"
	}
	return theLoop, ""
}

func (t *teller) spawn(e *Event) (who uint64, text string) {
	switch later := e.Deadline != sched.Never; {
	case e.Other == 0 && later:
		return e.Task, fmt.Sprintf(t.isSpawnedLater, when(e.Deadline))
	case e.Other == 0:
		return e.Task, t.isSpawned
	case later:
		return e.Other, fmt.Sprintf(t.spawnsLater, t.name(e.Task), when(e.Deadline))
	}
	return e.Other, fmt.Sprintf(t.spawns, t.name(e.Task))
}

func (t *teller) ready(e *Event) (who uint64, text string) {
	switch {
	case e.Other != 0:
		return e.Other, fmt.Sprintf(t.wakes, t.name(e.Task))
	case !e.Waited:
		return e.Task, t.mayStart
	case e.Fired:
		return e.Task, t.timeIsUp
	}
	return e.Task, t.isWoken
}

func (t *teller) park(e *Event) string {
	what := sched.Printable(e.Text)
	if what == "sleep" && e.Deadline != sched.Never {
		return fmt.Sprintf(t.sleeps, when(e.Deadline))
	}
	text := fmt.Sprintf(t.waits, what)
	var others []string
	for _, id := range e.Holders {
		task, _ := t.r.Task(id)
		if h := (sched.Holder{ID: id, Name: task.Name}); !strings.Contains(e.Text, h.String()) { // else the text has said it
			others = append(others, t.name(id))
		}
	}
	if len(others) > 4 {
		others = append(others[:4], "…")
	}
	if len(others) > 0 {
		text += fmt.Sprintf(t.held, strings.Join(others, ", "))
	}
	if e.Deadline != sched.Never {
		text += fmt.Sprintf(t.until, when(e.Deadline))
	}
	return text
}

func (t *teller) gets(e *Event, before *State) string {
	switch {
	case e.Task != 0 && t.ran[e.Task]:
		return t.goesOn
	case e.Task != 0:
		t.ran[e.Task] = true
		return t.starts
	case len(before.Live) > 0 && len(before.Parked) == len(before.Live):
		return t.hostAllWait
	}
	return t.host
}

func (t *teller) exit(e *Event) string {
	how := sched.Printable(e.Text)
	if how == killed.how {
		how = t.killed
	}
	switch {
	case !e.Ran && e.Other != 0:
		return fmt.Sprintf(t.neverRan, how) + fmt.Sprintf(t.byWhom, t.name(e.Other))
	case !e.Ran:
		return fmt.Sprintf(t.neverRan, how)
	case how != "":
		return fmt.Sprintf(t.endsWith, how)
	}
	return t.ends
}

func (t *teller) poll(e *Event) string {
	switch {
	case e.Deadline == sched.Never:
		return t.pollsForever
	case e.Deadline > e.At:
		return fmt.Sprintf(t.pollsUntil, when(e.Deadline))
	case t.all:
		return t.looks
	}
	return ""
}

func (t *teller) at(l Line) string {
	if l.File == "" {
		return ""
	}
	return fmt.Sprintf(t.place, l)
}

func (t *teller) called(l Line) string {
	if l.Function == "" {
		return ""
	}
	return fmt.Sprintf(t.calls, path.Base(l.Function))
}

// when is a time as people read it: what is real is shown to the microsecond.
func when(d time.Duration) time.Duration {
	if d < time.Microsecond {
		return d
	}
	return d.Round(time.Microsecond)
}
