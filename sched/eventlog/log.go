package eventlog

import (
	"fmt"
	"math/bits"
	"time"

	"greenloop/sched"
)

// Config is what New takes.
type Config struct {
	Size  int  // how many events are kept, the latest; 0 means 16,384; rounded up to a power of two
	Lines bool // keep the line of the program at which a task does what is told of it: a microsecond or so each
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
	clock Clock
	lines *lines // nil: without
}

// An entry is an Event as it is written: what is costly to find out is done when somebody reads it.
type entry struct {
	at       time.Duration
	task     uint64
	other    uint64 // also the address of a timer
	deadline time.Duration
	text     string
	object   uintptr // the address of what is waited for, or of a timer's function
	pc       uintptr // of the line
	site     sched.Site
	rest     *rest // nil for most
	kind     Kind
	flag     bool // Ready: it waited, and was not to start later; Exit: it ran; TimerGone: it fired
	late     bool // Ready: its deadline ended the wait
}

// rest is what few events have.
type rest struct {
	holders []uint64
	how     string // a task has ended
	to      string // whom control was passed; text is from whom
}

// defaultSize is what fits a processor's second cache, 1.5 MB: four times as many cost a switch 10 to 20 ns more.
const defaultSize = 1 << 14

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

func (l *Log) added(s *sched.Scheduler) {
	if l.s == s {
		panic("eventlog: this Log has its hooks in this scheduler already")
	}
	if l.s != nil {
		return // its first event will tell
	}
	if l.end != nil { // what came between is not known, so that no state follows from what was before
		l.Reset()
	}
	l.s, l.end, l.clock = s, nil, Clock{}
	l.runs = idOf(s.Current())
}

func (l *Log) removed(s *sched.Scheduler) {
	if l.s == s {
		l.end, l.s = presentOf(s, &l.clock), nil
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
func (l *Log) Note(text string) {
	if l.s == nil {
		return
	}
	e := l.put(Note, idOf(l.s.Current()))
	e.text, e.pc = text, l.here()
}

// NoteAt is Note for a function that logs for others: with Config.Lines, pc is where in the program the remark is made,
// as runtime.Callers returns it; 0 is nowhere.
func (l *Log) NoteAt(pc uintptr, text string) {
	if l.s == nil {
		return
	}
	e := l.put(Note, idOf(l.s.Current()))
	e.text = text
	if l.lines != nil {
		e.pc = pc
	}
}

// Pass writes that control went from one raw greenlet to another inside the task that runs: a greenlet.Tracer that calls
// it brings explicit switches into the log. What it calls the greenlets tells them apart: let no two of a task have the
// same name.
func (l *Log) Pass(from, to string) {
	if l.s == nil {
		return
	}
	e := l.put(Pass, idOf(l.s.Current()))
	e.text, e.rest = from, &rest{to: to}
	if l.lines != nil {
		e.pc = l.lines.resumed()
	}
}

// here returns where the program calls what a hook tells of, 0 without Config.Lines.
func (l *Log) here() uintptr {
	if l.lines == nil {
		return 0
	}
	return l.lines.caller()
}

// put adds an event at the present time. It returns what of it is left to be written.
func (l *Log) put(kind Kind, task uint64) *entry {
	e := l.next()
	e.at, e.kind, e.task = l.clock.Now(l.s), kind, task
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
	e.other, e.deadline, e.object, e.pc, e.flag, e.late = 0, 0, 0, 0, false, false // one by one: half the time of entry{}
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
