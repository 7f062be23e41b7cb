package eventlog

import (
	"fmt"
	"time"

	"greenloop/sched"
)

const tracedProcess = 1

// A record is one of the Trace Event Format.
type record struct {
	Phase string `json:"ph"`
	Name  string `json:"name,omitempty"`
	Cat   string `json:"cat,omitempty"`
	Time  micros `json:"ts"`
	Pid   int    `json:"pid"`
	Tid   uint64 `json:"tid"`
	ID    int    `json:"id,omitempty"` // of a flow
	Bind  string `json:"bp,omitempty"` // of a flow's end: to the slice in which it lies
	Scope string `json:"s,omitempty"`  // of an instant
	Args  any    `json:"args,omitempty"`
}

// micros are microseconds, with what is less behind the point.
type micros time.Duration

func (m micros) MarshalJSON() ([]byte, error) {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Appendf(nil, "%s%d.%03d", sign, m/1000, m%1000), nil
}

// traceArgs is what the viewers show of a slice or an instant.
type traceArgs struct {
	Step     int      `json:"step,omitempty"`
	Kind     string   `json:"kind,omitempty"`
	Task     *uint64  `json:"task,omitempty"`
	By       string   `json:"by,omitempty"`
	Text     string   `json:"text,omitempty"`
	Object   int      `json:"object,omitempty"`
	Holders  []string `json:"held by,omitempty"`
	Deadline string   `json:"deadline,omitempty"`
	Line     string   `json:"line,omitempty"`
	Function string   `json:"function,omitempty"`
	Calls    string   `json:"calls,omitempty"`
	Timer    int      `json:"timer,omitempty"`
	Fired    bool     `json:"fired,omitempty"`
}

func (t *tracer) args(e *Event) traceArgs {
	a := traceArgs{
		Step: t.state.Step, Kind: e.Kind.String(), Task: &e.Task, By: t.name(e.Other), Timer: e.Timer, Fired: e.Fired,
	}
	a.waits(t, e.Text, e.Object, e.Holders)
	a.Line, a.Function, a.Calls = e.Line.String(), e.Line.Function, e.Calls.Function
	switch e.Kind {
	case Spawn, Park, PollBegin, TimerSet, TimerGone, Deadline:
		a.until(e.Deadline)
	}
	return a
}

func (a *traceArgs) waits(t *tracer, text string, object int, holders []uint64) {
	a.Text, a.Object = text, object
	for _, id := range holders {
		a.Holders = append(a.Holders, t.name(id))
	}
}

func (a *traceArgs) until(deadline time.Duration) {
	if deadline != sched.Never {
		a.Deadline = deadline.String()
	}
}
