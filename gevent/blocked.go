package gevent

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"greenloop/sched"
)

// A Blocked says that a hub stands still because something in it does not give up the CPU: a Go lock, a system call, a long
// computation. Meanwhile no other greenlet runs, no timer fires, no connection is served.
type Blocked struct {
	// For is how long the hub has stood still, at least: it has looked at no timer and no connection since. That may be
	// due to several greenlets in turn, of which the rest of the report is about the present one.
	For time.Duration
	// Over says that it goes on again. The rest is then as in the report before.
	Over bool
	// Greenlet is what does it, such as "worker (task 7)"; the name is quoted if it could disturb a terminal. Without a name
	// it is the function that it runs. "the loop" is a function that the loop calls: of a timer, a link, a hook.
	Greenlet string
	// Site is "spawned at file:line" if Config.Sites is set, else empty.
	Site string
	// State is Go's word for what it does: "sleep", "sync.Mutex.Lock", "chan receive", "syscall", "running" ….
	State string
	// Function and Line, "file:line", are the innermost call that is neither Go's nor this module's.
	Function, Line string
	// Advice says what to do instead.
	Advice string
	// Stack is what the greenlet is in, the innermost call first.
	Stack string
}

// String returns the report as one text: a line that says it all, the advice, and the stack.
func (b *Blocked) String() string {
	var t strings.Builder
	if b.Over {
		fmt.Fprintf(&t, "hub goes on after %v; it was blocked, last by %s at %s", b.For, b.Greenlet, b.Line)
		return t.String()
	}
	fmt.Fprintf(&t, "hub blocked for %v, now by %s at %s (%s)", b.For, b.Greenlet, b.Line, b.State)
	if b.Site != "" {
		t.WriteString(", " + b.Site)
	}
	fmt.Fprintf(&t, "\n%s\n%s", b.Advice, b.Stack)
	return t.String()
}

func logBlocked(b *Blocked) {
	if b.Over {
		slog.LogAttrs(context.Background(), slog.LevelWarn, "hub goes on",
			slog.Duration("after", b.For), slog.String("greenlet", b.Greenlet))
		return
	}
	slog.LogAttrs(context.Background(), slog.LevelWarn, "hub blocked",
		slog.Duration("for", b.For), slog.String("greenlet", b.Greenlet), slog.String("site", b.Site), slog.String("at", b.Line),
		slog.String("state", b.State), slog.String("advice", b.Advice), slog.String("stack", b.Stack))
}

// Blocked looks at the hub from outside and says what has its thread at this moment, as the watchdog would, whether or not
// that is on. It is nil if the hub waits for events or has ended, and on the hub's own thread, which is not blocked then.
// One look does not tell since when: For is 0, and who was found may be about to give up the CPU. It stops the process for
// some 10 µs a goroutine. Safe from any goroutine.
func (h *Hub) Blocked() *Blocked {
	if h.closed.Load() || h.here() {
		return nil
	}
	if _, waiting := h.sched.Pulse(); waiting {
		return nil
	}
	return h.examine(0)
}

// examine finds out what blocks the hub. On any goroutine but the hub's.
func (h *Hub) examine(stuck time.Duration) *Blocked {
	s, ok := running(stacks(), h.host)
	if !ok {
		return &Blocked{For: stuck, Greenlet: "something", Line: "an unknown place", State: "unknown", Advice: adviceFor("")}
	}
	c := s.culprit()
	b := &Blocked{
		For: stuck, State: s.state, Function: c.function, Line: c.place(), Advice: adviceFor(s.state), Stack: s.text(),
	}
	if s.inLoop() {
		b.Greenlet = "the loop"
		return b
	}
	b.Greenlet = "a greenlet that runs " + s.outermost()
	if o, ok := h.sched.Origin(s.task()); ok {
		b.Site = o.Site
		if o.Name != "" {
			b.Greenlet = sched.Holder{ID: o.ID, Name: o.Name}.String()
		}
	}
	return b
}

// outermost returns the function with which the stack began that is the user's own.
func (s stack) outermost() (name string) {
	for f := range s.body() {
		if name == "" || f.users() {
			name = f.function
		}
	}
	return name
}

const goLock = "a Go lock stops the thread, and its holder may be a greenlet that waits for this very thread: "

// advices tells, by the beginning of the state's name, what to do instead. No match: it computes.
var advices = [...]struct{ state, advice string }{
	{"sleep", "time.Sleep stops the thread and with it all greenlets: use gevent.Sleep"},
	{"sync.Mutex", goLock + "use gevent's Lock, or do it in Offload"},
	{"sync.RWMutex", goLock + "use gevent's RWLock, or do it in Offload"},
	{"semacquire", "a wait of package sync stops the thread: use gevent's own primitives, or do it in Offload"},
	{"sync.", "a wait of package sync stops the thread: use gevent's own primitives, or do it in Offload"},
	{"chan", "a Go channel stops the thread: use gevent's Queue between greenlets, and gevent.Recv or Offload for channels of " +
		"other goroutines"},
	{"select", "a Go select stops the thread: use gevent's Wait between greenlets, and Offload for those of other goroutines"},
	{"IO wait", "a connection of package net stops the thread: use gevent's Dial and Listen, or do it in Offload"},
	{"syscall", "a system call that blocks stops the thread: do it in Offload"},
	{"", "no other greenlet runs while this one computes: call gevent.Yield now and then, or do it in Offload"},
}

func adviceFor(state string) string {
	for _, a := range advices {
		if strings.HasPrefix(state, a.state) {
			return a.advice
		}
	}
	return ""
}
