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

// holdersOf returns the IDs of those in s that have what t waits for.
func holdersOf(s *sched.Scheduler, t *sched.Task) []uint64 {
	tasks := s.Holders(t)
	ids := make([]uint64, len(tasks))
	for i, h := range tasks {
		ids[i] = h.ID()
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
