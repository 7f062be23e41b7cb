package debug

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"greenloop/sched"
)

// A task is a row of the table.
type task struct {
	ID       uint64         `json:"id"`
	Name     string         `json:"name"`
	State    string         `json:"state"`
	WaitsFor string         `json:"waits_for,omitempty"`
	Since    time.Duration  `json:"since_ns"`           // that it has been in this state, or in this wait
	Until    *time.Duration `json:"until_ns,omitempty"` // that are left until its wait, or its delay, ends by itself
	Holders  []holder       `json:"holders,omitempty"`
	Site     string         `json:"site,omitempty"`
	Parent   uint64         `json:"parent,omitempty"`

	Busy     time.Duration `json:"busy_ns"`
	Waiting  time.Duration `json:"waiting_ns"`
	Ready    time.Duration `json:"ready_ns"`
	Longest  time.Duration `json:"longest_run_ns"`
	Switches uint64        `json:"switches"`
}

type holder struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// A table is all tasks of a hub at one moment.
type table struct {
	Hub     int           `json:"hub"`
	Tracked time.Duration `json:"tracked_ns"` // the times of the tasks are of so long
	Cycles  [][]uint64    `json:"cycles"`     // IDs of those that wait for each other; see sorted
	Tasks   []task        `json:"tasks"`
	chains  []string      // the cycles as text; see sorted
	infos   []sched.TaskInfo
}

// table returns the tasks in spawn order. Hub thread only.
func (v *view) table() *table {
	t, now := v.track(), sched.Current().Now()
	infos, tasks := v.hub.Dump(), sched.Current().Tasks()
	all := &table{Hub: v.number, Tracked: t.now - t.began, Tasks: make([]task, len(tasks)), infos: infos}
	for i, info := range infos {
		row := &all.Tasks[i]
		*row = task{
			ID: info.ID, Name: info.Name, State: info.State.String(), WaitsFor: info.Why, Since: info.Since,
			Site: info.Site, Parent: info.Parent,
		}
		for _, h := range info.Holders {
			row.Holders = append(row.Holders, holder{h.ID, h.Name, h.State.String()})
		}
		if deadline, ok := tasks[i].Deadline(); ok {
			left := deadline - now
			row.Until = &left
		}
		if a := t.accounts[info.ID]; a != nil {
			row.Busy, row.Ready = t.spent(a, sched.Running), t.spent(a, sched.Ready)
			row.Waiting = t.spent(a, sched.Parked)
			row.Longest, row.Switches = a.longest, a.switches
			if a.phase == sched.Running {
				row.Longest = max(row.Longest, t.now-a.since)
			}
			if info.State != sched.Parked {
				row.Since = t.now - a.since
			}
		}
	}
	return all
}

// sorted returns t for one request, complete and in that order. On any goroutine: t may be shared.
func (t *table) sorted(order string) *table {
	own := *t
	own.Tasks = slices.Clone(t.Tasks)
	by := orders[order]
	slices.SortStableFunc(own.Tasks, func(a, b task) int { return by(&a, &b) })
	g := sched.Graph{Tasks: t.infos, Cycles: sched.Cycles(t.infos)}
	own.Cycles = append([][]uint64{}, g.Cycles...)
	for _, c := range g.Cycles {
		own.chains = append(own.chains, g.CycleText(c))
	}
	return &own
}

// orders are the ways to sort: a number of which much is worth a look has its largest first.
var orders = map[string]func(a, b *task) int{
	"id":       func(a, b *task) int { return cmp.Compare(a.ID, b.ID) },
	"name":     func(a, b *task) int { return strings.Compare(a.Name, b.Name) },
	"state":    func(a, b *task) int { return strings.Compare(a.State, b.State) },
	"waits":    func(a, b *task) int { return strings.Compare(b.WaitsFor, a.WaitsFor) }, // those that wait first
	"since":    func(a, b *task) int { return cmp.Compare(b.Since, a.Since) },
	"until":    func(a, b *task) int { return cmp.Compare(a.left(), b.left()) },
	"holders":  func(a, b *task) int { return cmp.Compare(len(b.Holders), len(a.Holders)) },
	"site":     func(a, b *task) int { return strings.Compare(a.Site, b.Site) },
	"parent":   func(a, b *task) int { return cmp.Compare(a.Parent, b.Parent) },
	"busy":     func(a, b *task) int { return cmp.Compare(b.Busy, a.Busy) },
	"waiting":  func(a, b *task) int { return cmp.Compare(b.Waiting, a.Waiting) },
	"ready":    func(a, b *task) int { return cmp.Compare(b.Ready, a.Ready) },
	"longest":  func(a, b *task) int { return cmp.Compare(b.Longest, a.Longest) },
	"switches": func(a, b *task) int { return cmp.Compare(b.Switches, a.Switches) },
}

// orderNames are the keys of orders, in the order of the columns; the first is what sorts if nothing is said.
var orderNames = []string{
	"id", "name", "state", "waits", "since", "until", "holders", "busy", "waiting", "ready", "longest", "switches",
	"parent", "site",
}

func (t *task) left() time.Duration {
	if t.Until == nil {
		return math.MaxInt64
	}
	return *t.Until
}

func tasksPage(q *request) (*answer, error) {
	order, err := q.choice("sort", orderNames...)
	if err != nil {
		return nil, err
	}
	format, err := q.choice("format", "text", "json")
	if err != nil {
		return nil, err
	}
	seen, err := q.view.looks.ask(q.Context(), q.view, q.handler.patience, q.view.look)
	return formatted(format, func() texter { return seen.table.sorted(order) }), err
}

type texter interface{ text() []byte }

// formatted is what v returns in the format that was asked for.
func formatted(format string, v func() texter) *answer {
	if format == "json" {
		return &answer{kind: jsonKind, write: func() ([]byte, error) { return asJSON(v()) }}
	}
	return &answer{kind: textKind, write: func() ([]byte, error) { return v().text(), nil }}
}

const (
	textKind = "text/plain; charset=utf-8"
	jsonKind = "application/json"
)

func asJSON(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

func (t *table) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "hub %d: %d tasks; busy, waiting, ready, longest and switches are of the last %s\n",
		t.Hub, len(t.Tasks), short(t.Tracked))
	for _, c := range t.chains {
		fmt.Fprintln(&b, "cycle: "+c)
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(orderNames, "\t"))
	for _, r := range t.Tasks {
		holders := make([]string, len(r.Holders))
		for i, h := range r.Holders {
			holders[i] = h.String()
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n",
			r.ID, sched.Printable(r.Name), r.State, sched.Printable(r.WaitsFor),
			short(r.Since), r.UntilText(), strings.Join(holders, ", "),
			short(r.Busy), short(r.Waiting), short(r.Ready), short(r.Longest), r.Switches, r.ParentText(), r.Site)
	}
	w.Flush()
	return b.Bytes()
}

func (h holder) String() string { return sched.Holder{ID: h.ID, Name: h.Name}.String() }

// UntilText is the time that is left, "" without a limit. Exported for the template, as ParentText is.
func (t task) UntilText() string {
	if t.Until == nil {
		return ""
	}
	return short(*t.Until)
}

// ParentText is the ID of who spawned it, "" if that is not known.
func (t task) ParentText() string {
	if t.Parent == 0 {
		return ""
	}
	return strconv.FormatUint(t.Parent, 10)
}

// short returns d with three or four digits.
func short(d time.Duration) string { return digits(d, 4) }

// digits returns d with n digits, or a few more where they are of minutes.
func digits(d time.Duration, n int) string {
	unit, limit := time.Nanosecond, time.Nanosecond
	for range n {
		limit *= 10
	}
	for ; d.Abs() >= limit && unit < 100*time.Millisecond; limit *= 10 {
		unit *= 10
	}
	return d.Round(unit).String()
}
