package eventlog

import (
	"fmt"
	"time"

	"greenloop/sched"
)

// Hooks returns the hooks that write to l, for sched.Config, gevent.Config, or AddHooks. A Log is for one scheduler at a
// time: at the events of another one the hooks panic, which that one reports. They cannot be there twice either: AddHooks
// panics. Once removed they may be added again, there or elsewhere; then l forgets what it had.
func (l *Log) Hooks() *sched.Hooks {
	return &sched.Hooks{
		Spawned: l.spawned, Ready: l.ready, Parked: l.parked, Yielded: l.yielded, Switched: l.switched, Exited: l.exited,
		BeforePoll: l.beforePoll, AfterPoll: l.afterPoll,
		TimerSet: l.timerSet, TimerGone: l.timerGone, DeadlineMoved: l.deadlineMoved,
		Added: l.added, Removed: l.removed,
	}
}

func (l *Log) spawned(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Spawn, t.ID())
	e.other, e.text, e.site = idOf(l.s.Current()), t.Name(), t.Site()
	e.deadline = deadlineOf(t)
	if e.other != 0 {
		e.pc = l.here()
	}
}

func (l *Log) ready(t, by *sched.Task) {
	if !l.sees(t) {
		return
	}
	text, object := describe(t.Why()) // before there is an event: it may write into the log itself
	e := l.put(Ready, t.ID())
	e.other, e.flag, e.late, e.text, e.object = idOf(by), t.Why() != nil, t.TimedOut(), text, object
	if by != nil {
		e.pc = l.here()
	}
}

func (l *Log) parked(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	why := t.Why()
	text, object := describe(why)
	var had *rest
	if _, ok := why.(sched.Owned); ok {
		had = &rest{holders: holdersOf(l.s, t)}
	}
	e := l.put(Park, t.ID())
	e.deadline, e.text, e.object, e.rest = deadlineOf(t), text, object, had
	l.runs = 0
	e.pc = l.here()
}

func (l *Log) yielded(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Yield, t.ID())
	l.runs = 0
	e.pc = l.here()
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
		at = l.clock.Now(l.s)
	}
	e := l.next()
	e.at, e.kind, e.task, e.other = at, Switch, to.ID(), from.ID()
	l.runs = to.ID()
}

func (l *Log) exited(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	how := outcome(t.Err())
	e := l.put(Exit, t.ID())
	e.other, e.text, e.site, e.rest = idOf(l.s.Current()), t.Name(), t.Site(), how
	if e.flag = l.runs == t.ID(); e.flag {
		l.runs = 0
	}
}

// outcome is how a task has ended, nil if it returned.
func outcome(err error) *rest {
	switch err {
	case nil:
		return nil
	case sched.ErrKilled: //nolint:errorlint // that very value: what was thrown is told as it is
		return killed
	}
	return &rest{how: fmt.Sprint(err)} // Sprint survives an Error that panics
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
	l.clock.Look(l.s)
	l.put(PollEnd, 0)
}

func (l *Log) timerSet(t *sched.Timer, deadline time.Duration) {
	if l.s == nil {
		return
	}
	e := l.put(TimerSet, 0)
	e.other, e.deadline, e.object = uint64(addressOf(t)), deadline, entryOf(t)
	if l.s.Current() != nil {
		e.pc = l.here()
	}
}

func (l *Log) timerGone(t *sched.Timer, deadline time.Duration, fired bool) {
	if l.s == nil {
		return
	}
	e := l.put(TimerGone, 0)
	e.other, e.deadline, e.flag, e.object = uint64(addressOf(t)), deadline, fired, entryOf(t)
	if l.s.Current() != nil {
		e.pc = l.here()
	}
}

func (l *Log) deadlineMoved(t *sched.Task) {
	if !l.sees(t) {
		return
	}
	e := l.put(Deadline, t.ID())
	e.deadline = deadlineOf(t)
	if l.s.Current() != nil {
		e.pc = l.here()
	}
}
