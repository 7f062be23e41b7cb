package gevent

import (
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"strconv"
	"strings"

	"greenloop/sched"
)

// A stack is one goroutine of a dump of all of them. The dump is how a blocked hub is looked at from outside: while it
// is taken the world stands still, so nothing is read that somebody writes. It costs the process some 10 µs a goroutine,
// once a report.
//
// The text is that of runtime.Stack:
//
//	goroutine 12 [sleep, locked to thread]:
//	time.Sleep(0x11e1a300)
//		/usr/local/go/src/runtime/time.go:363 +0x165
//	...
//	created by iter.Pull[...] in goroutine 10
//		/usr/local/go/src/iter/iter.go:271 +0x90
type stack struct {
	id     string
	state  string // as Go names it: "sleep", "chan receive", "running"
	locked bool   // to a thread: of all coroutines of a hub, the one that runs
	puller string // the goroutine that made it by iter.Pull, as coroutines are made; "" for others
	lines  string // of the frames
}

// maxDump bounds the text: it is some 1 KiB a parked greenlet.
const maxDump = 256 << 20

// stacks takes a dump of all goroutines but the calling one.
func stacks() []stack { return parseStacks(dumpAll()) }

// dumpAll returns the text of all goroutines, the calling one first.
func dumpAll() []byte {
	buf := make([]byte, 64<<10+runtime.NumGoroutine()*(2<<10))
	n := runtime.Stack(buf, true)
	for n == len(buf) && n < maxDump {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	return buf[:n]
}

// parseStacks reads a dump, but not the first goroutine of it.
func parseStacks(dump []byte) []stack {
	_, others, _ := strings.Cut(string(dump), "\n\n")
	var all []stack
	for text := range strings.SplitSeq(others, "\n\n") {
		if s, ok := parseStack(text); ok {
			all = append(all, s)
		}
	}
	return all
}

func parseStack(text string) (s stack, ok bool) {
	header, lines, _ := strings.Cut(text, "\n")
	header, ok = strings.CutPrefix(header, "goroutine ")
	if !ok {
		return s, false
	}
	s.id, _, _ = strings.Cut(header, " ")
	_, status, _ := strings.Cut(header, "[")
	status = strings.TrimSuffix(status, "]:")
	s.state, _, _ = strings.Cut(status, ",")
	s.locked = strings.Contains(status, "locked to thread")
	var creator string
	s.lines, creator, _ = strings.Cut(lines, "created by ")
	creator, _, _ = strings.Cut(creator, "\n")
	if maker, id, found := strings.Cut(creator, " in goroutine "); found && strings.HasPrefix(maker, "iter.Pull") {
		s.puller = id
	}
	return s, true
}

// self returns the number of the calling goroutine, as dumps show it.
func self() string {
	var buf [64]byte
	s, _ := parseStack(string(buf[:runtime.Stack(buf[:], false)]))
	return s.id
}

// running returns the stack on which the hub runs that was begun on the goroutine host: all its coroutines descend from
// that one by iter.Pull, those of users included, and the thread is locked to the one that has it.
func running(all []stack, host string) (stack, bool) {
	pullers := make(map[string]string, len(all))
	for _, s := range all {
		pullers[s.id] = s.puller
	}
	for _, s := range all {
		if !s.locked || s.state == "coroutine" {
			continue
		}
		for id := s.id; id != ""; id = pullers[id] {
			if id == host {
				return s, true
			}
		}
	}
	return stack{}, false
}

// A frame is one call of a stack.
type frame struct{ function, args, file, line string }

func (f frame) String() string { return f.function + "\n\t" + f.place() }

func (f frame) place() string { return f.file + ":" + f.line }

// frames yields the calls, the innermost first.
func (s stack) frames() iter.Seq[frame] {
	return func(yield func(frame) bool) {
		call := ""
		for line := range strings.Lines(s.lines) {
			line = strings.TrimSuffix(line, "\n")
			place, isPlace := strings.CutPrefix(line, "\t")
			if !isPlace {
				call = line
				continue
			}
			var f frame
			open := strings.LastIndexByte(call, '(')
			if open < 0 {
				continue
			}
			f.function, f.args = call[:open], strings.Trim(call[open:], "()")
			place, _, _ = strings.Cut(place, " +0x")
			colon := strings.LastIndexByte(place, ':')
			f.file, f.line = place[:max(colon, 0)], place[colon+1:]
			if !yield(f) {
				return
			}
		}
	}
}

// body yields the calls down to, and without, those that start every greenlet.
func (s stack) body() iter.Seq[frame] {
	return func(yield func(frame) bool) {
		for f := range s.frames() {
			if f.starts() || !yield(f) {
				return
			}
		}
	}
}

// text returns the body for people.
func (s stack) text() string {
	var b strings.Builder
	for f := range s.body() {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

// task returns the address of the task whose coroutine it is, 0 if that is not to be seen.
func (s stack) task() uintptr {
	for f := range s.frames() {
		if f.function == prefix+"/sched.(*runner).Run" {
			address, _ := strconv.ParseUint(f.args, 0, 64) // with a "?" it is not certain, and no number
			return uintptr(address)
		}
	}
	return 0
}

// inLoop reports whether the loop has called what runs, on the stack of a greenlet that has given up the CPU or has ended.
func (s stack) inLoop() bool {
	for f := range s.frames() {
		switch strings.TrimPrefix(f.function, prefix) {
		case "/sched.(*Scheduler).turn", "/sched.(*Scheduler).contain", "/sched.(*Scheduler).hook", "/sched.(*Scheduler).switched",
			"/sched.(*runner).Finished":
			return true
		}
	}
	return false
}

// culprit returns the innermost call that is the user's own, or else the outermost of all.
func (s stack) culprit() (f frame) {
	for f = range s.body() {
		if f.users() {
			break
		}
	}
	return f
}

// prefix is the module's path.
var prefix = strings.TrimSuffix(reflect.TypeFor[Hub]().PkgPath(), "/gevent")

// starts reports whether it is one of the calls below each greenlet's function, and each raw greenlet's.
func (f frame) starts() bool {
	switch strings.TrimPrefix(f.function, prefix) {
	case "/gevent.(*Greenlet).Run", "/sched.(*runner).Run", "/sched.(*runner).Finished", "/sched.(*Scheduler).drive",
		"/runtime/coro.(*Coroutine).call":
		return true
	}
	return false
}

// users reports whether the function is neither of the standard library nor of this module.
func (f frame) users() bool { return sched.Users(f.function, f.file) }
