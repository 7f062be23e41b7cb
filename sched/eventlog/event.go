package eventlog

import (
	"fmt"
	"path/filepath"
	"time"
)

// A Kind says what happened.
type Kind uint8

// The kinds of events. Task is whom the event is about.
const (
	Spawn     Kind = iota + 1 // Task was made, by Other; it is ready, or waits for its Deadline to start
	Ready                     // Task can go on, made so by Other; 0: by the loop, for time, IO or a post
	Park                      // Task gives up the CPU to wait, for Why
	Yield                     // Task gives up the CPU and stays ready
	Switch                    // Task gets the CPU, after Other had it; 0 is the host, to whom the loop returns
	Exit                      // Task is done; Text tells how, if it did not simply return
	PollBegin                 // the loop asks for events; it waits until Deadline for them, Never: for ever
	PollEnd                   // it has them
	TimerSet                  // Timer, which calls Calls, was armed for Deadline
	TimerGone                 // it was stopped, or it fired: see Fired
	Deadline                  // the end of Task's present wait was moved to Deadline
	Pass                      // inside Task control went to another raw greenlet, From → To; no scheduler has a part in it
	Note                      // Text is a remark of the program, made by Task
)

var kinds = [...]string{
	Spawn: "spawn", Ready: "ready", Park: "park", Yield: "yield", Switch: "switch", Exit: "exit", PollBegin: "poll",
	PollEnd: "polled", TimerSet: "timer set", TimerGone: "timer gone", Deadline: "deadline", Pass: "pass", Note: "note",
}

func (k Kind) String() string {
	if int(k) < len(kinds) && kinds[k] != "" {
		return kinds[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// An Event is one thing that a scheduler did. What has no meaning for its Kind is zero.
type Event struct {
	Kind     Kind
	At       time.Duration // on the scheduler's clock
	Task     uint64        // the task's ID; 0: the host
	Other    uint64        // another task's
	Text     string        // Park, and Ready: what Task waits or waited for; see the kinds
	Object   int           // the same as a number that tells one lock from another; 0 if Text is all
	Holders  []uint64      // Park: tasks that have what it waits for
	Deadline time.Duration // Never if there is none
	Timer    int           // the number of a timer
	Fired    bool          // TimerGone: it was its time; Ready: its deadline ended the wait
	Waited   bool          // Ready: it was parked, and not to start later
	Ran      bool          // Exit: it had the CPU, and was not killed before its start
	From, To string        // Pass: names of raw greenlets
	Calls    Line          // TimerSet, TimerGone: the function
	Line     Line          // with Config.Lines: where the running task does this; Pass: where To goes on, none if it starts
}

// A Line is a place in a program. The zero value is none.
type Line struct {
	Function string
	File     string
	Line     int
}

// String returns "file:line" without the directory, "" for none.
func (l Line) String() string {
	if l.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(l.File), l.Line)
}
