package eventlog

import (
	"fmt"
	"reflect"
	"time"

	"greenloop/sched"
)

func idOf(t *sched.Task) uint64 {
	if t == nil {
		return 0
	}
	return t.ID()
}

func deadlineOf(t *sched.Task) time.Duration {
	if d, ok := t.Deadline(); ok {
		return d
	}
	return sched.Never
}

// describe returns the text of what a task waits for, as it is at this moment, and its address if it is an object.
func describe(why sched.Reason) (text string, object uintptr) {
	switch why := why.(type) {
	case nil:
		return "", 0
	case sched.Why: // nearly always
		return string(why), 0
	}
	return fmt.Sprint(why), addressOf(why) // Sprint survives a String that panics
}

// addressOf returns the address behind v, 0 if it is no pointer. It tells objects apart, and keeps none of them.
func addressOf(v any) uintptr {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer {
		return p.Pointer()
	}
	return 0
}

// maxHolders is how many holders are kept, as in a sched.Graph: thousands may wait for a pool of thousands.
const maxHolders = 16

// holders returns who in s has what o stands for, as the tasks of another scheduler have the same numbers; nobody if o panics,
// which a Dump reports.
func holders(s *sched.Scheduler, o sched.Owned) (ids []uint64) {
	defer func() { _ = recover() }()
	tasks := o.Holders()
	ids = make([]uint64, 0, min(len(tasks), maxHolders))
	for _, t := range tasks {
		if len(ids) == maxHolders {
			break
		}
		if t != nil && t.Scheduler() == s {
			ids = append(ids, t.ID())
		}
	}
	return ids
}

// entryOf returns where the function begins that a timer calls, 0 if that is a method of something larger.
func entryOf(t *sched.Timer) uintptr {
	if fn := reflect.ValueOf(t.Body()); fn.Kind() == reflect.Func {
		return fn.Pointer()
	}
	return 0
}
