package eventlog

import (
	"reflect"
	"runtime"
	"strings"

	"greenloop/sched"
)

// lines finds the line of the user's at which a task does something.
type lines struct {
	pcs    [64]uintptr
	answer map[uintptr]owners // whose is it? The same program counters come again and again.
}

// owners are those of a program counter: more than one where calls were inlined.
type owners struct{ users, greenlets bool }

// caller returns the program counter of the innermost call that is the user's own, 0 if there is none.
func (l *lines) caller() uintptr {
	n := runtime.Callers(4, l.pcs[:]) // neither Callers, nor itself, nor who calls that, nor the hook
	for _, pc := range l.pcs[:n] {
		if l.of(pc).users {
			return pc
		}
	}
	return 0
}

// resumed returns what caller does, but of the Switch that a greenlet.Tracer interrupts, and not of the Tracer; 0 if it is a
// start that it interrupts.
func (l *lines) resumed() uintptr {
	n := runtime.Callers(3, l.pcs[:]) // neither Callers, nor itself, nor Pass
	traced, innermost := false, uintptr(0)
	for _, pc := range l.pcs[:n] {
		o := l.of(pc)
		traced = traced || o.greenlets
		switch {
		case !o.users:
		case traced:
			return pc
		case innermost == 0:
			innermost = pc
		}
	}
	if traced {
		return 0
	}
	return innermost
}

func (l *lines) of(pc uintptr) owners {
	o, known := l.answer[pc]
	if !known {
		_, o.users = placeOf(pc)
		o.greenlets = inGreenlets(pc)
		if l.answer == nil {
			l.answer = make(map[uintptr]owners)
		}
		l.answer[pc] = o
	}
	return o
}

// greenlets is what the functions of the package that calls a Tracer begin with, whatever the module was renamed to.
var greenlets = strings.TrimSuffix(reflect.TypeFor[Log]().PkgPath(), "sched/eventlog") + "greenlet."

func inGreenlets(pc uintptr) bool {
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, greenlets) {
			return true
		}
		if !more {
			return false
		}
	}
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
