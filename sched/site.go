package sched

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// A Site is the place in a program that tells a task from others: where it was spawned, if Config.Sites is set, and else its
// function. The zero value is none. It is cheap to take, and looked up when it is shown.
type Site struct {
	pc    uintptr
	spawn bool // pc is where it was spawned
}

// Site returns the place of t. Hub thread only.
func (t *Task) Site() Site {
	if t.rare != nil && t.rare.site != 0 {
		return Site{t.rare.site, true}
	}
	fn := reflect.ValueOf(t.body)
	if p, ok := t.body.(Placed); ok {
		fn = reflect.ValueOf(p.Place())
	}
	if fn.Kind() != reflect.Func || fn.IsNil() {
		return Site{}
	}
	return Site{fn.Pointer(), false}
}

// Placed is implemented by a Body that is not a Func itself, to name the function that stands for it in a Dump.
type Placed interface{ Place() any }

// Place returns the function of the place, its file and the line; "" and 0 for none.
func (p Site) Place() (function, file string, line int) {
	if p.pc == 0 {
		return "", "", 0
	}
	if !p.spawn {
		f := runtime.FuncForPC(p.pc)
		if f == nil {
			return "", "", 0
		}
		file, line = f.FileLine(p.pc)
		return f.Name(), file, line
	}
	frames := runtime.CallersFrames([]uintptr{p.pc})
	for { // more than one where calls were inlined
		if f, more := frames.Next(); !more || !internal(f.Function) {
			return f.Function, f.File, f.Line
		}
	}
}

// String returns "spawned at file:line", "in function (file:line)", or nothing for the zero value.
func (p Site) String() string {
	function, file, line := p.Place()
	switch {
	case file == "":
		return ""
	case p.spawn:
		return fmt.Sprintf("spawned at %s:%d", file, line)
	}
	return fmt.Sprintf("in %s (%s:%d)", function, file, line)
}

// callerOutside returns the program counter of the first caller that is not in this package, schedtest or gevent.
func callerOutside() uintptr {
	var pcs [8]uintptr
	n := runtime.Callers(3, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for i := 0; i < n; i++ {
		f, more := frames.Next()
		if !internal(f.Function) || !more {
			return f.PC + 1
		}
	}
	return 0
}

// internal reports whether a function is of those that spawn for their callers.
func internal(function string) bool {
	for _, pkg := range [...]string{"/sched.", "/sched/schedtest.", "/gevent."} {
		if strings.HasPrefix(function, prefix+pkg) {
			return true
		}
	}
	return false
}

// prefix is the module's path, whatever it was renamed to.
var prefix = strings.TrimSuffix(reflect.TypeFor[Scheduler]().PkgPath(), "/sched")

// goRoot is where the standard library's files were when they were compiled; "" with -trimpath.
var goRoot = func() string {
	pc := reflect.ValueOf(strings.Cut).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	return strings.TrimSuffix(file, "strings/strings.go")
}()

// own are the packages whose functions are on the stack of who waits, and say nothing to who reads it.
var own = [...]string{
	"gevent", "gevent/debug", "gevent/http", "gevent/ssl", "greenlet", "netpoll", "runtime/coro",
	"sched", "sched/eventlog", "sched/schedtest",
}

// Users reports whether a function, and the file in which it stands, are neither of the standard library nor of this module's
// packages: for reports, which show the line that the reader wrote. Safe from any goroutine.
func Users(function, file string) bool {
	for _, pkg := range own {
		if strings.HasPrefix(function, prefix+"/"+pkg+".") {
			return false
		}
	}
	if goRoot != "" {
		return !strings.HasPrefix(file, goRoot)
	}
	// Built with -trimpath: then it is the names of packages that tell.
	first, _, _ := strings.Cut(function, "/")
	return strings.HasPrefix(function, "main.") || strings.HasPrefix(function, prefix+"/") ||
		first != function && strings.Contains(first, ".")
}
