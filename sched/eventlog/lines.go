package eventlog

import (
	"runtime"

	"greenloop/sched"
)

// lines finds the line of the user's at which a task gives up the CPU.
type lines struct {
	pcs    [64]uintptr
	answer map[uintptr]bool // is it the user's? The same program counters come again and again.
}

// caller returns the program counter of the innermost call that is the user's own, 0 if there is none.
func (l *lines) caller() uintptr {
	n := runtime.Callers(4, l.pcs[:]) // neither Callers, nor itself, nor the hook, nor who calls that
	for _, pc := range l.pcs[:n] {
		users, known := l.answer[pc]
		if !known {
			_, users = placeOf(pc)
			if l.answer == nil {
				l.answer = make(map[uintptr]bool)
			}
			l.answer[pc] = users
		}
		if users {
			return pc
		}
	}
	return 0
}

// placeOf returns the place of a call, as runtime.Callers has it, and whether it is the user's own: of several that were inlined
// there, the innermost of the user's.
func placeOf(pc uintptr) (place Line, users bool) {
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		f, more := frames.Next()
		if sched.Users(f.Function, f.File) {
			return Line{f.Function, f.File, f.Line}, true
		}
		if !more {
			return Line{f.Function, f.File, f.Line}, false
		}
	}
}
