package eventlog

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"greenloop/sched"
)

// WriteTrace writes the recording for ui.perfetto.dev and chrome://tracing, as JSON in the Trace Event Format. Each task
// is a track with slices that tell when it ran, was ready, or waited, and for what; the loop is a track with its polls,
// and the time of the host. Arrows lead from who woke or spawned a task to that task. There are counters for the run
// queue and for what waits for its time. The raw greenlets between which a task switches by hand (Log.Pass) have tracks
// below its own, with slices of who had control while it ran, and arrows from one to the next. Each event of the
// recording is there once, with its step, kind and task in the args. Under virtual time, which stands still while tasks
// run, what they did at the same time lies in one point. The error is w's.
func (r *Recording) WriteTrace(w io.Writer) error {
	out := bufio.NewWriter(w)
	t := &tracer{r: r, out: out, state: r.start.clone(), open: make(map[uint64]slice), raws: make(map[place]uint64)}
	out.WriteString(`{"displayTimeUnit":"ns","traceEvents":[`)
	t.begin()
	for i := range r.Events {
		t.event(&r.Events[i])
	}
	t.finish()
	out.WriteString("\n]}\n")
	return out.Flush()
}

// A tracer writes the records of a trace one by one, in the order of their times.
type tracer struct {
	r      *Recording
	out    *bufio.Writer
	state  *State
	now    time.Duration
	some   bool             // a record was written
	raws   map[place]uint64 // the tracks of raw greenlets
	rules  place            // the one of which a slice is open
	open   map[uint64]slice
	ending uint64 // a task that is done, and may still wake those who join it
	loop   uint64 // the track of the loop and the host
	polls  bool   // a slice of the loop's is open
	hosts  bool   // one of the host's
	flows  int

	deadlines      int // tasks whose wait or delay has one
	queued, timers int // as the counters tell
}

// A slice is what a task does for a while: its category in the trace. Each task has one, from its spawn to its end.
type slice string

const (
	running slice = "running"
	ready   slice = "ready"
	waiting slice = "waiting"
)

// write adds a record at the present time; what has no track of its own is the loop's.
func (t *tracer) write(r record) {
	r.Pid, r.Time = tracedProcess, micros(t.now)
	if r.Tid == 0 {
		r.Tid = t.loop
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic("eventlog: " + err.Error() + "; please file a bug")
	}
	if t.some {
		t.out.WriteByte(',')
	}
	t.some = true
	t.out.WriteByte('\n')
	t.out.Write(data)
}

// begin names the tracks and opens the slices of the tasks that there are.
func (t *tracer) begin() {
	t.now = t.r.Taken
	if len(t.r.Events) > 0 {
		t.now = t.r.Events[0].At
	}
	if n := len(t.r.Tasks); n > 0 {
		t.loop = t.r.Tasks[n-1].ID
	}
	t.loop++ // not 0: that is the idle thread to Perfetto
	t.write(record{Phase: "M", Name: "process_name", Args: map[string]string{"name": "scheduler"}})
	t.track(t.loop, "loop", -1)
	order, raws := 0, t.r.rawGreenlets()
	for _, task := range t.r.Tasks {
		t.track(task.ID, t.name(task.ID), order)
		order++
		for _, raw := range raws[task.ID] {
			tid := t.loop + 1 + uint64(len(t.raws))
			t.raws[place{task.ID, raw}] = tid
			t.track(tid, cmp.Or(task.Name, fmt.Sprint("task ", task.ID))+" › "+raw, order)
			order++
		}
	}
	t.queued, t.timers = -1, -1
	for _, id := range slices.Sorted(maps.Keys(t.state.Live)) {
		t.deadlines += t.limited(id)
		var args traceArgs
		if w, parked := t.state.Parked[id]; parked {
			args.waits(t, w.Text, w.Object, w.Holders)
			args.until(w.Deadline)
		}
		t.turn(id, args)
	}
	t.control(false)
	t.count()
}

func (t *tracer) track(tid uint64, name string, order int) {
	t.write(record{Phase: "M", Name: "thread_name", Tid: tid, Args: map[string]string{"name": name}})
	t.write(record{Phase: "M", Name: "thread_sort_index", Tid: tid, Args: map[string]int{"sort_index": order}})
}

func (t *tracer) name(id uint64) string {
	if id == 0 {
		return ""
	}
	task, _ := t.r.Task(id)
	return sched.Holder{ID: id, Name: task.Name}.String()
}

func (t *tracer) event(e *Event) {
	if t.ending != 0 && !(e.Kind == Ready && e.Other == t.ending) {
		t.close(t.ending)
		t.ending = 0
	}
	runner := t.state.Running
	t.deadlines -= t.limited(e.Task)
	t.state.apply(e)
	t.deadlines += t.limited(e.Task)
	t.now = max(t.now, e.At)
	args := t.args(e)
	switch e.Kind {
	case Spawn, Ready:
		t.arrow(e, args)
	case Park, Yield:
		t.turn(e.Task, args)
	case Switch:
		t.leave()
		if e.Task != 0 {
			t.turn(e.Task, args)
			break
		}
		t.hosts = true
		t.write(record{Phase: "B", Name: "host", Cat: "host", Tid: t.loop, Args: args})
	case Exit:
		t.instant(e.Task, "ends", args)
		if e.Ran {
			t.ending = e.Task
		} else {
			t.close(e.Task)
		}
	case PollBegin, PollEnd:
		t.poll(e.Kind == PollBegin, args)
	case TimerSet, TimerGone:
		t.instant(runner, fmt.Sprintf("timer %d %s", e.Timer, timerVerb(e)), args)
	case Deadline:
		t.instant(e.Task, "deadline moved", args)
	case Pass:
		t.instant(e.Task, e.From+" → "+e.To, args)
	case Note:
		t.instant(e.Task, cmp.Or(e.Text, args.Kind), args)
	}
	t.control(e.Kind == Pass)
	t.count()
}

func timerVerb(e *Event) string {
	switch {
	case e.Kind == TimerSet:
		return "set"
	case e.Fired:
		return "fires"
	}
	return "stopped"
}

// turn ends what a task did and begins what it does now.
func (t *tracer) turn(id uint64, args traceArgs) {
	t.close(id)
	kind, name := ready, "ready"
	switch t.state.stateOf(id) {
	case sched.Running:
		kind, name = running, "running"
	case sched.Parked:
		kind, name = waiting, cmp.Or(t.state.Parked[id].Text, "waiting")
	case sched.Delayed:
		kind, name = waiting, "its start"
	}
	t.open[id] = kind
	t.write(record{Phase: "B", Name: name, Cat: string(kind), Tid: id, Args: args})
}

func (t *tracer) close(id uint64) {
	if _, open := t.open[id]; open {
		delete(t.open, id)
		t.write(record{Phase: "E", Tid: id})
	}
}

// arrow is turn with an arrow from who has caused it, if that has a slice from which it can come.
func (t *tracer) arrow(e *Event, args traceArgs) {
	flow := record{Name: "wakes", Cat: "flow"}
	if e.Kind == Spawn {
		flow.Name = "spawns"
	}
	from := t.open[e.Other] == running && e.Other != e.Task
	if from {
		t.flows++
		flow.Phase, flow.Tid, flow.ID = "s", e.Other, t.flows
		t.write(flow)
	}
	t.turn(e.Task, args)
	if from {
		flow.Phase, flow.Tid, flow.Bind = "f", e.Task, "e"
		t.write(flow)
	}
}

func (t *tracer) instant(tid uint64, name string, args traceArgs) {
	t.write(record{Phase: "i", Name: name, Cat: args.Kind, Tid: tid, Scope: "t", Args: args})
}

func (t *tracer) poll(begins bool, args traceArgs) {
	if !begins {
		t.instant(t.loop, "polled", args) // not with the end of the slice, whose args would hide those of its beginning
	}
	if t.polls {
		t.write(record{Phase: "E", Tid: t.loop})
	}
	if t.polls = begins; begins {
		t.write(record{Phase: "B", Name: "poll", Cat: "poll", Tid: t.loop, Args: args})
	}
}

// leave closes the slices of the loop and of the host.
func (t *tracer) leave() {
	for _, open := range []*bool{&t.polls, &t.hosts} {
		if *open {
			*open = false
			t.write(record{Phase: "E", Tid: t.loop})
		}
	}
}

// limited returns 1 if a task waits with a deadline or is to start later.
func (t *tracer) limited(id uint64) int {
	if w, parked := t.state.Parked[id]; parked && w.Deadline != sched.Never {
		return 1
	}
	if _, delayed := t.state.Delayed[id]; delayed {
		return 1
	}
	return 0
}

// count writes the counters that have changed.
func (t *tracer) count() {
	if n := len(t.state.Queue); n != t.queued {
		t.queued = n
		t.write(record{Phase: "C", Name: "run queue", Args: map[string]int{"ready": n}})
	}
	if n := len(t.state.Timers) + t.deadlines; n != t.timers {
		t.timers = n
		t.write(record{Phase: "C", Name: "timers", Args: map[string]int{"armed": n}})
	}
}

// finish closes what is open.
func (t *tracer) finish() {
	t.now = max(t.now, t.r.Taken)
	for _, id := range slices.Sorted(maps.Keys(t.open)) {
		t.close(id)
	}
	if tid := t.raws[t.rules]; tid != 0 {
		t.write(record{Phase: "E", Tid: tid})
	}
	t.leave()
}
