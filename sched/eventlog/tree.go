package eventlog

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"greenloop/sched"
)

// WriteTree writes the tasks that lived after so many events, each below the one that spawned it: its state, what it
// waits for, since when and until when, who holds that, and where it gave up the CPU; then the cycles of those who wait
// for each other. A task whose parent has ended, or is not known, stands at the left. Holders are those of when the wait
// began. The error is w's. It panics if the recording has not so many events.
func (r *Recording) WriteTree(w io.Writer, step int) error {
	s, since := r.stateAt(step)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "step %d of %d, at %v: ", step, len(r.Events), when(s.At))
	switch {
	case s.Running != 0:
		fmt.Fprintf(out, "%s runs\n", r.named(s, s.Running))
	case len(s.Queue) > 0:
		out.WriteString("the loop is about to choose who runs\n")
	default:
		out.WriteString("nobody is ready\n")
	}
	place := make(map[uint64]int) // in the queue, from 1
	for i, id := range s.Queue {
		place[id] = i + 1
	}
	children := make(map[uint64][]Task)
	for _, t := range r.Tasks {
		switch {
		case !s.Live[t.ID]:
		case s.Live[t.Parent]:
			children[t.Parent] = append(children[t.Parent], t)
		default:
			children[0] = append(children[0], t)
		}
	}
	type level struct{ rest []Task }
	for path := []level{{children[0]}}; len(path) > 0; { // as deep as spawns go: no recursion
		top := &path[len(path)-1]
		if len(top.rest) == 0 {
			path = path[:len(path)-1]
			continue
		}
		t := top.rest[0]
		top.rest = top.rest[1:]
		fmt.Fprintf(out, "%s%s\n", strings.Repeat("  ", min(len(path)-1, deepest)), r.standing(s, t, place[t.ID], since))
		path = append(path, level{children[t.ID]})
	}
	g := r.graph(s)
	for _, c := range g.Cycles {
		fmt.Fprintf(out, "cycle: %s\n", g.CycleText(c))
	}
	return out.Flush()
}

// stateAt returns the state after so many events, and of which waits the beginning is known.
func (r *Recording) stateAt(step int) (s *State, since map[uint64]bool) {
	if step < 0 || step > len(r.Events) {
		panic(fmt.Sprintf("eventlog: step %d of a recording of %d events", step, len(r.Events)))
	}
	since = make(map[uint64]bool)
	for _, e := range r.Events[:step] {
		if e.Kind == Park {
			since[e.Task] = true
		}
	}
	return r.State(step), since
}

// standing says where a task stands, in a line.
func (r *Recording) standing(s *State, t Task, place int, since map[uint64]bool) string {
	var b strings.Builder
	b.WriteString(r.named(s, t.ID))
	switch state := s.stateOf(t.ID); state {
	case sched.Parked:
		w := s.Parked[t.ID]
		fmt.Fprintf(&b, " waits for %s", sched.Printable(w.Text))
		if since[t.ID] {
			fmt.Fprintf(&b, ", since %v", when(w.Since))
		} else {
			b.WriteString(", since before the recording")
		}
		if w.Deadline != sched.Never {
			fmt.Fprintf(&b, ", until %v", when(w.Deadline))
		}
		held := ", held by "
		for i, id := range w.Holders {
			if i == 4 {
				b.WriteString(" and others")
				break
			}
			// What the text has said is not said again.
			if h := r.holder(s, id); h.State == sched.Done || !strings.Contains(w.Text, h.String()) {
				b.WriteString(held + h.String())
				held = ", "
			}
		}
		if at := w.Line.String(); at != "" {
			fmt.Fprintf(&b, " (%s)", at)
		}
	case sched.Delayed:
		fmt.Fprintf(&b, " starts at %v", when(s.Delayed[t.ID]))
	case sched.Ready:
		b.WriteString(" is ready")
		if place > 0 {
			fmt.Fprintf(&b, ", number %d in the run queue", place)
		}
	default:
		b.WriteString(" runs")
	}
	return b.String()
}

// named is a task, and the raw greenlet that has control inside it.
func (r *Recording) named(s *State, id uint64) string {
	name := r.holder(s, id).String()
	if raw := s.Control[id]; raw != "" {
		name += " › " + sched.Printable(raw)
	}
	return name
}

func (r *Recording) holder(s *State, id uint64) sched.Holder {
	t, _ := r.Task(id)
	return sched.Holder{ID: id, Name: t.Name, State: s.stateOf(id)}
}

// WriteDOT writes who waited for whom after so many events as a graph for Graphviz: an arrow leads from who waits to who
// holds that. Tasks without arrows are left out; those in cycles are red. The error is w's. It panics if the recording
// has not so many events.
func (r *Recording) WriteDOT(w io.Writer, step int) error {
	s, _ := r.stateAt(step)
	g := r.graph(s)
	red := make(map[uint64]string)
	for _, c := range g.Cycles {
		for _, id := range c {
			red[id] = ", color=red"
		}
	}
	out := bufio.NewWriter(w)
	out.WriteString("digraph waits {\n\tnode [shape=box];\n")
	drawn := make(map[uint64]bool)
	node := func(id uint64) {
		if !drawn[id] {
			drawn[id] = true
			fmt.Fprintf(out, "\t%d [label=%s%s];\n", id, dotQuote(r.holder(s, id).String()), red[id])
		}
	}
	for _, t := range g.Tasks {
		for _, h := range t.Holders {
			node(t.ID)
			node(h.ID)
			fmt.Fprintf(out, "\t%d -> %d [label=%s];\n", t.ID, h.ID, dotQuote(t.Why))
		}
	}
	out.WriteString("}\n")
	return out.Flush()
}

// dotQuote makes a string of the DOT language, in which only the quote and the backslash are special.
func dotQuote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(sched.Printable(text)) + `"`
}
