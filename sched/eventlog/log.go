package eventlog

import (
	"errors"
	"fmt"
	"math/bits"
	"time"

	"greenloop/sched"
)

// Config is what New takes.
type Config struct {
	Size  int  // how many events are kept, the latest; 0 means 65,536; rounded up to a power of two
	Lines bool // keep the line of the program at which a task gives up the CPU: a microsecond or so each
}

// A Log keeps the latest events of one scheduler. All of it is for the hub's thread only, or for any goroutine once the
// scheduler has ended, or its hooks were removed and are not added again.
type Log struct {
	ring  []entry          // grows to its size, 96 bytes an event
	size  uint64           // a power of two
	n     uint64           // events, ever
	s     *sched.Scheduler // nil before its hooks are added, and after they were removed
	end   *present         // how it stood when they were
	runs  uint64           // the task that has the CPU, 0 for none
	clock clock
	lines *lines // nil: without
}

// An entry is an Event as it is written: what is costly to find out is done when somebody reads it.
type entry struct {
	at       time.Duration
	task     uint64
	other    uint64 // also the address of a timer
	deadline time.Duration
	text     string
	object   uintptr // the address of what is waited for
	pc       uintptr // of the line, or of a timer's function
	site     sched.Site
	rest     *rest // nil for most
	kind     Kind
	flag     bool // Ready: it waited, and was not to start later; Exit: it ran; TimerGone: it fired
}

// rest is what few events have.
type rest struct {
	holders []uint64
	how     string // a task has ended
}

const defaultSize = 1 << 16

// New returns an empty Log. It panics if the size is negative.
func New(c Config) *Log {
	if c.Size < 0 {
		panic(fmt.Sprintf("eventlog: New with a Size of %d; 0 means %d", c.Size, defaultSize))
	}
	if c.Size == 0 {
		c.Size = defaultSize
	}
	l := &Log{size: 1 << bits.Len(uint(c.Size-1))}
	if c.Lines {
		l.lines = new(lines)
	}
	return l
}

// Hooks returns the hooks that write to l, for sched.Config, gevent.Config, or AddHooks. A Log is for one scheduler at a
// time: at the events of another one the hooks panic, which that one reports. Once removed they may be added again,
// there or elsewhere; then l forgets what it had.
func (l *Log) Hooks() *sched.Hooks {
	return &sched.Hooks{
		Spawned: l.spawned, Ready: l.ready, Parked: l.parked, Yielded: l.yielded, Switched: l.switched, Exited: l.exited,
		BeforePoll: l.beforePoll, AfterPoll: l.afterPoll,
		TimerSet: l.timerSet, TimerGone: l.timerGone, DeadlineMoved: l.deadlineMoved,
		Added: l.added, Removed: l.removed,
	}
}

func (l *Log) added(s *sched.Scheduler) {
	if l.s != nil {
		return // its first event will tell
	}
	if l.end != nil { // what came between is not known, so that no state follows from what was before
		l.Reset()
	}
	l.s, l.end, l.clock = s, nil, clock{}
	l.runs = idOf(s.Current())
}

func (l *Log) removed(s *sched.Scheduler) {
	if l.s == s {
		l.end, l.s = presentOf(s, l.clock.now(s)), nil
	}
}

// Len returns how many events l holds.
func (l *Log) Len() int { return len(l.ring) }

// Lost returns how many events had to make room for later ones.
func (l *Log) Lost() uint64 { return l.n - uint64(len(l.ring)) }

// Reset forgets all events. What comes next is recorded as from a beginning.
func (l *Log) Reset() { l.ring, l.n = nil, 0 }

// Note writes a remark of the program into the log, of the task that runs. Without its hooks in a scheduler it does
// nothing.
func (l *Log) Note(text string) { l.remark(Note, text) }

// Pass writes that control went from one raw greenlet to another inside the task that runs: a greenlet.Tracer that calls
// it brings explicit switches into the log.
func (l *Log) Pass(from, to string) { l.remark(Pass, from+" → "+to) }

func (l *Log) remark(kind Kind, text string) {
	if l.s == nil {
		return
	}
	e := l.put(kind, idOf(l.s.Current()))
	e.text = text
}

// put adds an event at the present time. It returns what of it is left to be written.
func (l *Log) put(kind Kind, task uint64) *entry {
	e := l.next()
	e.at, e.kind, e.task = l.clock.now(l.s), kind, task
	return e
}

// next returns the place of the next event, cleared: the oldest one's if the ring is full.
func (l *Log) next() *entry {
	i := l.n & (l.size - 1)
	l.n++
	if i == uint64(len(l.ring)) {
		l.ring = append(l.ring, entry{})
		return &l.ring[i]
	}
	e := &l.ring[i]
	e.other, e.deadline, e.object, e.pc, e.flag = 0, 0, 0, 0, false // one by one: half the time of entry{}
	if e.text != "" {
		e.text = ""
	}
	if e.rest != nil {
		e.rest = nil
	}
	return e
}

// last returns the latest event, nil if there is none.
func (l *Log) last() *entry {
	if l.n == 0 {
		return nil
	}
	return &l.ring[(l.n-1)&(l.size-1)]
}

// sees reports whether t is of the scheduler to which l belongs.
func (l *Log) sees(t *sched.Task) bool {
	if l.s != t.Scheduler() {
		if l.s != nil {
			panic("eventlog: a Log takes the events of one scheduler; make another one for each hub")
		}
		return false // removed at this very event
	}
	return true
}

func (l *Log) spawned(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Spawn, t.ID())
	e.other, e.text, e.site = idOf(l.s.Current()), t.Name(), t.Site()
	e.deadline = deadlineOf(t)
}

func (l *Log) ready(t, by *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Ready, t.ID())
	e.other, e.flag = idOf(by), t.Why() != nil
	e.text, e.object = describe(t.Why())
}

func (l *Log) parked(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Park, t.ID())
	why := t.Why()
	e.deadline = deadlineOf(t)
	e.text, e.object = describe(why)
	if o, ok := why.(sched.Owned); ok {
		e.rest = &rest{holders: holders(o)}
	}
	l.runs = 0
	if l.lines != nil {
		e.pc = l.lines.caller()
	}
}

func (l *Log) yielded(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Yield, t.ID())
	l.runs = 0
	if l.lines != nil {
		e.pc = l.lines.caller()
	}
}

// switched reads the clock only if something has happened since the former task gave up the CPU.
func (l *Log) switched(from, to *sched.Task) {
	if !l.sees(to) {
		return
	}
	var at time.Duration
	if last := l.last(); last != nil && (last.kind == Yield || last.kind == Park || last.kind == Exit) {
		at = last.at
	} else {
		at = l.clock.now(l.s)
	}
	e := l.next()
	e.at, e.kind, e.task, e.other = at, Switch, to.ID(), from.ID()
	l.runs = to.ID()
}

func (l *Log) exited(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Exit, t.ID())
	e.other, e.text, e.site = idOf(l.s.Current()), t.Name(), t.Site()
	if e.flag = l.runs == t.ID(); e.flag {
		l.runs = 0
	}
	switch err := t.Err(); {
	case err == nil:
	case errors.Is(err, sched.ErrKilled):
		e.rest = killed
	default:
		e.rest = &rest{how: err.Error()}
	}
}

var killed = &rest{how: "killed"}

func (l *Log) beforePoll(timeout time.Duration) {
	if l.s == nil {
		return
	}
	e := l.put(PollBegin, 0)
	e.deadline = sched.Never
	if timeout >= 0 {
		e.deadline = e.at + timeout
	}
}

func (l *Log) afterPoll() {
	if l.s == nil {
		return
	}
	l.clock.look(l.s)
	l.put(PollEnd, 0)
}

func (l *Log) timerSet(t *sched.Timer, deadline time.Duration) {
	if l.s == nil {
		return
	}
	e := l.put(TimerSet, 0)
	e.other, e.deadline, e.pc = uint64(addressOf(t)), deadline, entryOf(t)
}

func (l *Log) timerGone(t *sched.Timer, deadline time.Duration, fired bool) {
	if l.s == nil {
		return
	}
	e := l.put(TimerGone, 0)
	e.other, e.deadline, e.flag, e.pc = uint64(addressOf(t)), deadline, fired, entryOf(t)
}

func (l *Log) deadlineMoved(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	l.put(Deadline, t.ID()).deadline = deadlineOf(t)
}
