package debug

import (
	"io"
	"sync/atomic"
	"time"

	"greenloop/gevent"
	"greenloop/sched"
)

// A view is what a Handler has of one hub.
type view struct {
	hub     *gevent.Hub
	number  int
	tracker *tracker // nil until somebody looks; hub thread only

	looks ferry[look]
	trees [2]ferry[io.WriterTo] // without stacks and with them

	recordings atomic.Int32 // under way

	latest  atomic.Pointer[figures] // the last that Publish has seen
	pending atomic.Bool             // newer ones were asked for
}

// track returns the tracker of the hub, which begins if there is none. Hub thread only.
func (v *view) track() *tracker {
	if v.tracker == nil || v.tracker.remove == nil {
		v.tracker = track()
	}
	v.tracker.look()
	return v.tracker
}

// A look is what the index and the tasks are made of.
type look struct {
	table   *table
	latency latency
	figures figures
}

// look takes one. Hub thread only.
func (v *view) look() look {
	t := v.table() // first: it begins the tracking
	return look{t, v.latency(), v.figures()}
}

// Figures are the hub's at one moment, as JSON has them.
type figures struct {
	Hub      int    `json:"hub"`
	Error    string `json:"error,omitempty"` // why they are not of this moment, or not there
	At       int64  `json:"at_unix_ns"`
	Tasks    int    `json:"tasks"`
	Ready    int    `json:"ready"`
	Timers   int    `json:"timers"`
	Events   int    `json:"waiting_for_io"`
	Spawned  uint64 `json:"spawned"`
	Switches uint64 `json:"switches"`
	Polls    uint64 `json:"polls"`
	Posts    uint64 `json:"posts"`
	Tracked  *usage `json:"tracked"` // null while no times are accounted for
}

// Usage is how the hub's thread was used since the tracking began.
type usage struct {
	For    time.Duration `json:"for_ns"`
	Busy   time.Duration `json:"busy_ns"` // greenlets ran
	Idle   time.Duration `json:"idle_ns"` // it waited for events and timers
	Loop   time.Duration `json:"loop_ns"` // the rest: looking for what is next, and functions of timers
	Delays totals        `json:"ready_to_running"`
	Runs   totals        `json:"runs"`
}

type totals struct {
	Count uint64        `json:"count"`
	Sum   time.Duration `json:"sum_ns"`
	Max   time.Duration `json:"max_ns"`
}

func (s *spread) totals() totals {
	t := totals{Count: s.count, Sum: s.sum}
	if len(s.longest) > 0 {
		t.Max = s.longest[0].For
	}
	return t
}

// figures returns those of this moment. Hub thread only.
func (v *view) figures() figures {
	s := v.hub.Stats()
	f := figures{
		Hub: v.number, At: time.Now().UnixNano(), Tasks: s.Live, Ready: s.Ready, Timers: s.Timers, Events: s.Events,
		Spawned: s.Spawned, Switches: s.Switches, Polls: s.Polls, Posts: s.Posts,
	}
	if t := v.tracker; t != nil && t.remove != nil {
		u := t.usage()
		f.Tracked = &u
	}
	return f
}

func (t *tracker) usage() usage {
	u := usage{For: t.time() - t.began, Busy: t.busy, Idle: t.idle, Delays: t.delays.totals(), Runs: t.runs.totals()}
	if t.running != nil {
		u.Busy += t.now - t.running.since
	}
	u.Loop = max(u.For-u.Busy-u.Idle, 0)
	return u
}

// spent returns how long a was in a phase, up to now.
func (t *tracker) spent(a *account, phase sched.State) time.Duration {
	d := *a.in(phase)
	if a.phase == phase {
		d += t.now - a.since
	}
	return d
}
