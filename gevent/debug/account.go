package debug

import (
	"time"

	"greenloop/sched"
	"greenloop/sched/eventlog"
)

// A tracker accounts for the time of each task of a scheduler, by its hooks. Hub thread only.
type tracker struct {
	s        *sched.Scheduler
	clock    eventlog.Clock
	accounts map[uint64]*account // of the tasks that are not done, by their IDs
	spare    []*account
	running  *account // of who has the CPU; nil: the loop or the host has it
	now      time.Duration
	settled  bool // now is of when the CPU was given up, and nothing has happened since

	began, polled time.Duration
	idle          time.Duration // in the poller, to wait
	busy          time.Duration // of all tasks, also those that are done
	delays, runs  spread

	until   time.Duration // when it ends unless somebody looks
	forever bool
	remove  func() // nil once it has ended
}

// An account is what is known of one task.
type account struct {
	phase    sched.State // Ready, Running, or Parked, which stands for Delayed, too
	since    time.Duration
	spent    [3]time.Duration // ready, running, parked
	longest  time.Duration    // that it kept the CPU
	switches uint64           // how often it got the CPU
	why      sched.Reason     // while it is ready: what it had waited for
}

// lapse is how long a tracker goes on when nobody looks.
const lapse = 10 * time.Minute

// maxSpare bounds the accounts that are kept to be used again.
const maxSpare = 1024

// track begins to account for times on the calling hub.
func track() *tracker {
	t := &tracker{s: sched.Current(), accounts: make(map[uint64]*account)}
	t.began = t.clock.Now(t.s)
	for _, task := range t.s.Tasks() {
		a := t.open(task)
		switch task.State() {
		case sched.Running:
			a.phase, t.running = sched.Running, a
		case sched.Parked, sched.Delayed:
			a.phase = sched.Parked
		}
	}
	t.look()
	t.remove = t.s.AddHooks(&sched.Hooks{
		Spawned: t.spawned, Ready: t.ready, Parked: t.parked, Yielded: t.yielded, Switched: t.switched, Exited: t.exited,
		BeforePoll: t.beforePoll, AfterPoll: t.afterPoll,
		TimerGone: func(*sched.Timer, time.Duration, bool) { t.settled = false }, // it may call a function that takes its time
	})
	return t
}

// look notes that somebody wants to know.
func (t *tracker) look() { t.until = t.time() + lapse }

// time reads the clock.
func (t *tracker) time() time.Duration {
	t.now, t.settled = t.clock.Now(t.s), false
	return t.now
}

func (t *tracker) open(task *sched.Task) *account {
	var a *account
	if n := len(t.spare); n > 0 {
		a, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		a = new(account)
	}
	a.phase, a.since = sched.Ready, t.time()
	t.accounts[task.ID()] = a
	return a
}

// enter ends the present phase of a and returns how long that was.
func (t *tracker) enter(a *account, phase sched.State) time.Duration {
	d := t.now - a.since
	*a.in(a.phase) += d
	a.phase, a.since = phase, t.now
	return d
}

// in returns the time spent in a phase.
func (a *account) in(phase sched.State) *time.Duration { return &a.spent[phase-sched.Ready] }

func (t *tracker) spawned(task *sched.Task) {
	if a := t.open(task); task.State() == sched.Delayed {
		a.phase = sched.Parked
	}
}

func (t *tracker) ready(task, _ *sched.Task) {
	if a := t.accounts[task.ID()]; a != nil {
		t.time()
		t.enter(a, sched.Ready)
		a.why = task.Why()
	}
}

func (t *tracker) parked(task *sched.Task) { t.left(task, sched.Parked) }

func (t *tracker) yielded(task *sched.Task) { t.left(task, sched.Ready) }

// left accounts for the stretch of a task that gives up the CPU.
func (t *tracker) left(task *sched.Task, phase sched.State) {
	a := t.running
	t.time()
	t.settled = true
	if t.running = nil; a == nil {
		return
	}
	d := t.enter(a, phase)
	t.busy += d
	a.longest = max(a.longest, d)
	if t.runs.add(d) {
		moment := momentOf(task, d, t.now)
		if phase != sched.Done {
			moment.Function, moment.Line = callerLine()
		}
		t.runs.keep(moment)
	}
}

func (t *tracker) switched(_, to *sched.Task) {
	if !t.settled {
		t.time()
	}
	t.settled = false
	a := t.accounts[to.ID()]
	if t.running = a; a == nil {
		return
	}
	d := t.enter(a, sched.Running)
	a.switches++
	if t.delays.add(d) {
		moment := momentOf(to, d, t.now)
		moment.WaitedFor = textOf(a.why)
		t.delays.keep(moment)
	}
	a.why = nil
	if t.now > t.until && !t.forever {
		t.end()
	}
}

func (t *tracker) exited(task *sched.Task) {
	a := t.accounts[task.ID()]
	if a == nil {
		return
	}
	if a == t.running {
		t.left(task, sched.Done)
	}
	delete(t.accounts, task.ID())
	if len(t.spare) < maxSpare {
		*a = account{}
		t.spare = append(t.spare, a)
	}
}

func (t *tracker) beforePoll(timeout time.Duration) {
	t.polled = t.time()
	if timeout == 0 {
		t.polled = -1 // it only looks: that is the loop's work
	}
}

func (t *tracker) afterPoll() {
	t.clock.Look(t.s)
	if now := t.time(); t.polled >= 0 {
		t.idle += now - t.polled
	}
	t.polled = -1
}

// end takes the hooks away.
func (t *tracker) end() {
	t.remove()
	t.remove, t.accounts, t.spare, t.running = nil, nil, nil, nil
}
