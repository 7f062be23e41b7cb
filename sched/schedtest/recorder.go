package schedtest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"greenloop/sched"
)

// A Recorder writes down each event of a scheduler, one line each, such as
//
//	spawn 2 worker   by 1     the host spawns if no "by" is there
//	ready 2 by 1              by the loop (time, an event) if no "by" is there
//	park 2 sleep
//	yield 2
//	switch 2→1                the host's number is "host"
//	exit 2                    exit 2 killed, exit 2 panic: oops
//	poll 1s                   poll for ever; looks that do not wait are left out
//
// A task is named by its number, and at its spawn by its name, too.
type Recorder struct{ lines []string }

// Lines returns what was recorded so far.
func (r *Recorder) Lines() []string { return r.lines }

// String returns the lines, each with its newline.
func (r *Recorder) String() string {
	if len(r.lines) == 0 {
		return ""
	}
	return strings.Join(r.lines, "\n") + "\n"
}

// Take returns what String does and forgets it.
func (r *Recorder) Take() string {
	text := r.String()
	r.lines = nil
	return text
}

// Hooks returns the hooks that write to r.
func (r *Recorder) Hooks() *sched.Hooks {
	return &sched.Hooks{
		Spawned: func(t *sched.Task) {
			r.add("spawn %s %s%s", number(t), t.Name(), by(t.Scheduler().Current()))
		},
		Ready:    func(t, waker *sched.Task) { r.add("ready %s%s", number(t), by(waker)) },
		Parked:   func(t *sched.Task) { r.add("park %s %v", number(t), t.Why()) },
		Yielded:  func(t *sched.Task) { r.add("yield %s", number(t)) },
		Switched: func(from, to *sched.Task) { r.add("switch %s→%s", number(from), number(to)) },
		Exited: func(t *sched.Task) {
			switch err := t.Err(); {
			case err == nil:
				r.add("exit %s", number(t))
			case errors.Is(err, sched.ErrKilled):
				r.add("exit %s killed", number(t))
			default:
				r.add("exit %s %v", number(t), err)
			}
		},
		BeforePoll: func(timeout time.Duration) {
			switch {
			case timeout < 0:
				r.add("poll for ever")
			case timeout > 0:
				r.add("poll %v", timeout)
			}
		},
	}
}

func (r *Recorder) add(format string, args ...any) {
	r.lines = append(r.lines, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func number(t *sched.Task) string {
	if t.ID() == 0 {
		return t.Name() // the host
	}
	return fmt.Sprint(t.ID())
}

func by(t *sched.Task) string {
	if t == nil {
		return ""
	}
	return " by " + number(t)
}
