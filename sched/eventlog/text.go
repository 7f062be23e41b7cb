package eventlog

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"greenloop/sched"
)

// TextOptions is what WriteText takes; its zero value is English for a terminal of 100 columns.
type TextOptions struct {
	Lang  string // "en" or "zh"
	Width int    // of the terminal, in columns; 0 is 100
	Steps bool   // number the events instead of showing the time
	Polls bool   // also those polls of the loop that did not wait
	Fold  bool   // say of lines that come again and again only how often
}

// WriteText writes the recording as a timeline for a terminal, an event a line, from the top down. Each task has a
// column, with a mark that tells whether it runs, is ready or waits; where there are more than fit, its line is indented
// as deep as its spawn. If there is room, the raw greenlets between which a task switches by hand (Log.Pass) have columns
// instead of it. A line stands in the column of who did it. Times are those of the scheduler's clock, shown where they
// change. The error is w's, or says that there is no such language.
func (r *Recording) WriteText(w io.Writer, o TextOptions) error {
	words, err := wordsOf(o.Lang)
	if err != nil {
		return err
	}
	if o.Width <= 0 {
		o.Width = 100
	}
	teller := newTeller(r, words)
	teller.all = o.Polls
	out := bufio.NewWriter(w)
	page := &textPage{out: out, words: words, fold: o.Fold, first: r.stampWidth(o.Steps) + 2}
	page.layout(teller, o.Width)
	page.head(r)
	state, cycles := r.start.clone(), newCycles(&r.start)
	shown := ""
	for i := range r.Events {
		e := &r.Events[i]
		who, text := teller.tell(e, state)
		at := page.at(who, e, state)
		if at.raw != "" && e.Kind == Pass {
			text = fmt.Sprintf(words.takesOver, sched.Printable(e.From))
		}
		state.apply(e)
		cycles.see(e)
		if text == "" {
			continue
		}
		stamp := fmt.Sprint(when(e.At))
		if o.Steps {
			stamp = fmt.Sprint(i + 1)
		}
		if stamp == shown {
			stamp = ""
		} else {
			shown = stamp
		}
		page.line(stamp, at, text, state)
		if e.Kind == Switch && e.Task == 0 && len(state.Queue) == 0 {
			for _, c := range cycles.in(state) {
				page.line("", place{}, fmt.Sprintf(words.cycle, teller.cycleText(c)), state)
			}
		}
	}
	page.flush()
	return out.Flush()
}

// stampWidth is how wide the widest time is, or the widest number.
func (r *Recording) stampWidth(steps bool) int {
	width := len(fmt.Sprint(len(r.Events)))
	if !steps {
		width = 4
		last := time.Duration(-1)
		for _, e := range r.Events {
			if e.At != last {
				width, last = max(width, textWidth(fmt.Sprint(when(e.At)))), e.At
			}
		}
	}
	return width
}

func (t *teller) cycleText(ids []uint64) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(t.name(id) + " → ")
	}
	return b.String() + t.name(ids[0])
}

// graph is who waits for whom in a state, so far as the recording tells.
func (r *Recording) graph(s *State) sched.Graph {
	var g sched.Graph
	for _, t := range r.Tasks {
		if !s.Live[t.ID] {
			continue
		}
		info := sched.TaskInfo{ID: t.ID, Name: t.Name, State: s.stateOf(t.ID), Parent: t.Parent}
		if w, parked := s.Parked[t.ID]; parked {
			info.Why, info.Since = w.Text, s.At-w.Since
			for _, id := range w.Holders {
				h, _ := r.Task(id)
				info.Holders = append(info.Holders, sched.Holder{ID: id, Name: h.Name, State: s.stateOf(id)})
			}
		}
		g.Tasks = append(g.Tasks, info)
	}
	g.Cycles = sched.Cycles(g.Tasks)
	return g
}

// stateOf returns where a task stands.
func (s *State) stateOf(id uint64) sched.State {
	if _, parked := s.Parked[id]; parked {
		return sched.Parked
	}
	if _, delayed := s.Delayed[id]; delayed {
		return sched.Delayed
	}
	switch {
	case !s.Live[id]:
		return sched.Done
	case s.Running == id:
		return sched.Running
	}
	return sched.Ready
}
