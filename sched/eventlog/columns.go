package eventlog

import (
	"bufio"
	"fmt"
	"strings"

	"greenloop/sched"
)

// The marks of what a task does while others are told of.
const (
	runsMark    = "┃"
	readyMark   = "╎"
	waitingMark = "·"
)

// A textPage sets the lines of a timeline in columns.
type textPage struct {
	out     *bufio.Writer
	words   *words
	first   int // where the columns begin
	width   int // of the whole
	step    int // from column to column; 0: there are none
	order   []place
	raws    bool // raw greenlets have columns, in place of their task
	label   func(id uint64) string
	column  map[place]int // without columns, how far a task's line is indented
	fold    bool
	pending []textLine
}

type textLine struct{ stamp, text string }

const (
	leastText   = 42 // so much must be left for the words in the last column
	leastColumn = 7
	usualColumn = 13 // where there is room
	mostColumn  = 18
	deepest     = 12 // levels that are indented
)

// layout gives each task its place, and the raw greenlets of tasks that have some, if there is room for all.
func (p *textPage) layout(t *teller, width int) {
	p.width, p.label, p.column = max(width, p.first+leastText/2), t.name, make(map[place]int)
	raws := t.r.rawGreenlets()
	for _, task := range t.r.Tasks {
		for _, raw := range raws[task.ID] {
			p.order = append(p.order, place{task.ID, raw})
		}
		if raws[task.ID] == nil {
			p.order = append(p.order, place{task: task.ID})
		}
	}
	p.raws = len(raws) > 0 && p.columns(width)
	if !p.raws {
		p.order = p.order[:0]
		for _, task := range t.r.Tasks {
			p.order = append(p.order, place{task: task.ID})
		}
		p.columns(width)
	}
	for i := len(p.order) - 1; i >= 0; i-- { // backwards: a task's own place is the first of its raw greenlets'
		p.column[p.order[i]] = i * p.step
		p.column[place{task: p.order[i].task}] = i * p.step
	}
	if p.step == 0 {
		p.indent(t.r)
	}
}

// columns reports whether what is in order finds room, and sets how wide a column is.
func (p *textPage) columns(width int) bool {
	p.step = 0
	if n := len(p.order); n <= 1 {
		p.step = mostColumn
	} else if step := (width - p.first - leastText) / (n - 1); step >= leastColumn {
		longest := usualColumn
		for _, at := range p.order {
			longest = max(longest, textWidth(p.label(at.task))+2, textWidth(at.raw)+4)
		}
		p.step = min(step, longest, mostColumn)
	}
	return p.step > 0
}

// indent places the tasks without columns: as deep as their spawns.
func (p *textPage) indent(r *Recording) {
	depth := make(map[uint64]int)
	for _, task := range r.Tasks {
		if d, known := depth[task.Parent]; known {
			depth[task.ID] = d + 1
		} else {
			depth[task.ID] = 0
		}
		p.column[place{task: task.ID}] = 2 * min(depth[task.ID], deepest)
	}
}

// head writes what the marks mean and, over the columns, the names.
func (p *textPage) head(r *Recording) {
	fmt.Fprintf(p.out, p.words.legend+"\n", runsMark, readyMark, waitingMark)
	if r.Lost > 0 {
		fmt.Fprintf(p.out, p.words.lost+"\n", r.Lost)
	}
	if p.step == 0 {
		return
	}
	tasks, raws := newRow(p.first), newRow(p.first)
	last := uint64(theLoop)
	for _, at := range p.order {
		if at.task != last {
			tasks.padTo(p.first + p.column[at])
			tasks.add(cut(p.label(at.task), p.step-1))
			last = at.task
		}
		if at.raw != "" {
			raws.padTo(p.first + p.column[at])
			raws.add(cut("› "+sched.Printable(at.raw), p.step-1))
		}
	}
	p.out.WriteString(tasks.String() + "\n")
	if p.raws {
		p.out.WriteString(raws.String() + "\n")
	}
}

// at returns where e stands, which happened in the state before, and is told of who.
func (p *textPage) at(who uint64, e *Event, before *State) place {
	at := place{who, before.Control[who]}
	if e.Kind == Pass {
		at.raw = e.To
	}
	if _, known := p.column[at]; !known || who == theLoop {
		at.raw = ""
	}
	return at
}

// line adds what happened to who, and the marks of the others as the state is then.
func (p *textPage) line(stamp string, who place, text string, s *State) {
	indent, lead := 0, "── "
	if who.task != theLoop {
		indent = p.column[who]
		lead = mark(s, who.task) + " "
		if p.step == 0 {
			lead += cut(p.label(who.task), max((p.width-p.first-indent)/2, 8)) + " "
		}
	}
	for i, part := range wrap(text, p.width-p.first-indent-textWidth(lead)) {
		if i > 0 {
			stamp, lead = "", strings.Repeat(" ", min(textWidth(lead), 4))
		}
		row := newRow(0)
		done := false
		write := func() { row.padTo(indent); row.add(lead + part); done = true }
		if p.step > 0 {
			for _, other := range p.order {
				at := p.column[other]
				if !done && at >= indent {
					write()
				}
				if m := p.mark(s, other); m != " " && (row.width < at || row.width == 0) {
					row.padTo(at)
					row.add(m)
				}
			}
		}
		if !done {
			write()
		}
		p.put(textLine{stamp, row.String()})
	}
}

// mark is a task's in the column of its raw greenlet that has control, and none in those of the others.
func (p *textPage) mark(s *State, at place) string {
	if p.raws && at.raw != s.Control[at.task] {
		return " "
	}
	return mark(s, at.task)
}

func mark(s *State, id uint64) string {
	switch s.stateOf(id) {
	case sched.Running:
		return runsMark
	case sched.Ready:
		return readyMark
	case sched.Parked, sched.Delayed:
		return waitingMark
	}
	return " "
}

func (p *textPage) put(l textLine) {
	if p.fold {
		p.pending = append(p.pending, l)
		return
	}
	p.write(l)
}

func (p *textPage) write(l textLine) {
	row := newRow(0)
	row.padTo(p.first - 2 - textWidth(l.stamp))
	row.add(l.stamp + "  " + l.text)
	p.out.WriteString(row.String() + "\n")
}

// longestFold is how many lines may come again together.
const longestFold = 24

// flush writes the lines that were kept to be folded.
func (p *textPage) flush() {
	lines := p.pending
	for len(lines) > 0 {
		period, times := repetition(lines)
		for _, l := range lines[:period] {
			p.write(l)
		}
		if times > 1 {
			p.write(textLine{"", fmt.Sprintf(p.words.again, period, times-1)})
		}
		lines = lines[period*times:]
	}
}

// repetition returns how many of the lines come again at once, and how often they are there; 1 and 1 if they do not.
func repetition(lines []textLine) (period, times int) {
	for period = 1; period <= min(longestFold, len(lines)/2); period++ {
		n := period
		for n < len(lines) && lines[n].text == lines[n-period].text {
			n++
		}
		if times = n / period; times > 1 && n >= period+2 { // fewer take no more room than to tell of them
			return period, times
		}
	}
	return 1, 1
}
