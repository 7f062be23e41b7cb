package sched

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"
	"unicode/utf8"

	"greenloop/runtime/coro"
)

// A Body is what a task runs. Run is called once, on the task's own stack.
type Body interface{ Run() }

// Func is a Body that is a plain function.
type Func func()

// Run calls f.
func (f Func) Run() { f() }

// ErrKilled is the outcome of a task that was killed, or that ended itself by runtime.Goexit.
var ErrKilled = errors.New("sched: task killed")

// A PanicError is the outcome of a task that panicked.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // from where, as debug.Stack prints it
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// State is where a task stands.
type State uint8

// The states of a task. Started and delayed tasks that can run are Ready; a task that a timer will start is Delayed.
const (
	Created State = iota // not spawned yet
	Delayed              // spawned, to start when its timer fires
	Ready                // in the run queue
	Running              // the one that has the thread
	Parked               // waits for something
	Done
)

func (st State) String() string {
	return [...]string{"created", "delayed", "ready", "running", "parked", "done"}[st]
}

// A Task is a coroutine that the scheduler runs. Its zero value is ready for Start; it must not be copied. The layout is
// kept small, to the size class of 192 bytes: a parked task should cost little more than its stack.
type Task struct {
	co coro.Coroutine
	at *coro.Coroutine // who runs when the task does: co, or the raw coroutine inside it that parked

	s    *Scheduler
	body Body
	name string
	id   uint64

	queue      *list // the run queue or the wait queue in which it is
	next, prev *Task // there
	alarm      alarm // ends its wait, or its delay

	wait    uint32 // counts the waits that have ended, modulo 2^32; see Ticket
	state   State
	killing bool // a kill waits for the next park
	dying   bool // a kill has ended the present wait
	killed  bool // there was one: a Goexit is not the body's own

	reason Reason        // while parked: what for
	since  time.Duration // while parked: the scheduler's clock when the loop last read it
	err    error         // outcome of the last wait; once done, of the task
	rare   *rare         // nil for most tasks

	older, newer *Task // all tasks that are not done, in spawn order
}

// started reports whether the body has begun.
func (t *Task) started() bool { return t.co.State() != coro.Unstarted }

// rare is what few tasks have.
type rare struct {
	joiners  WaitQueue
	thrown   error   // waits for the next park
	canceled error   // ends every wait, see Cancel
	shielded bool    // neither of the two ends a wait, see Shield
	site     uintptr // program counter of the spawn, if Config.Sites
	onDone   []func()
	onKill   func()
	attached any
}

func (t *Task) seldom() *rare {
	if t.rare == nil {
		t.rare = t.s.takeRare()
	}
	return t.rare
}

// ID returns the task's number, unique within its scheduler and counted from 1 in spawn order. Safe from any goroutine.
func (t *Task) ID() uint64 { return t.id }

// Name returns the name given at the spawn. Safe from any goroutine.
func (t *Task) Name() string { return t.name }

// State returns where t stands. Hub thread only.
func (t *Task) State() State { return t.state }

// Why returns what t waits for, nil unless it is parked. Hub thread only.
func (t *Task) Why() Reason { return t.reason }

// Deadline returns when t's present wait ends, or when it starts if it is delayed; false if nothing but what it waits for
// ends it. Hub thread only.
func (t *Task) Deadline() (time.Duration, bool) {
	if t.alarm.index == 0 {
		return 0, false
	}
	return t.s.timers.when(&t.alarm), true
}

// TimedOut reports whether it was its deadline that ended t's latest wait, and not what it waited for, a throw or a kill. A
// hook is told so by Ready, when t has not gone on yet. Hub thread only.
func (t *Task) TimedOut() bool {
	return t.state != Done && t.err == ErrTimeout //nolint:errorlint // that very value
}

// Body returns what t was started with. Safe from any goroutine.
func (t *Task) Body() Body { return t.body }

// Scheduler returns the scheduler that runs t, nil before Start. Safe from any goroutine after the spawn.
func (t *Task) Scheduler() *Scheduler { return t.s }

// Err returns how t ended: nil if it returned, ErrKilled, or a *PanicError; nil as long as it is not done. Hub thread only.
func (t *Task) Err() error {
	if t.state != Done {
		return nil
	}
	return t.err
}

// String returns the task's name and number.
func (t *Task) String() string { return nameOf(t.name, t.id) }

func nameOf(name string, id uint64) string {
	if name == "" {
		return fmt.Sprintf("task %d", id)
	}
	return fmt.Sprintf("%s (task %d)", Printable(name), id)
}

// Printable quotes a text with characters that would disturb the lines of a report, or the terminal that shows it, as
// strconv.Quote does, and returns any other as it is: names are the program's own, and may come from whoever it talks to.
// Safe from any goroutine.
func Printable(text string) string {
	for _, r := range text {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return strconv.Quote(text)
		}
	}
	return text
}

// OnDone has fn called when t is done, at once if it is. The functions are called in the order in which they were given, before
// those who join are made ready. They run in the loop and are for layers above: they may make tasks ready, spawn and kill
// them, and must neither wait nor panic. Hub thread only.
func (t *Task) OnDone(fn func()) {
	if t.state == Done {
		fn()
		return
	}
	r := t.seldom()
	r.onDone = append(r.onDone, fn)
}

// Attach keeps v with t until t is done: what a layer above has to know of a task, whoever spawned it. Hub thread only.
func (t *Task) Attach(v any) { t.seldom().attached = v }

// Attached returns what Attach was given last, nil if nothing. Hub thread only.
func (t *Task) Attached() any {
	if t.rare == nil {
		return nil
	}
	return t.rare.attached
}

// Join waits until t is done and returns its outcome, as Err does. If the wait itself is ended by a Throw, that error is
// returned while t goes on. Any number of tasks may join; they are woken in the order of their calls. Parks. Hub thread only.
func (t *Task) Join() error {
	if err := t.JoinUntil(Never); err != nil {
		return err
	}
	return t.err
}

// JoinUntil waits until t is done, and returns nil then, or until the deadline on the scheduler's clock. Its error is that
// of the wait alone: ErrTimeout, or what was thrown. Parks. Hub thread only.
func (t *Task) JoinUntil(deadline time.Duration) error {
	if t.state == Done {
		return nil
	}
	if t.s == nil {
		panic("sched: Join of a task that was never started")
	}
	t.s.mustBeHere("Join")
	if t.state == Running {
		panic("sched: a task cannot join itself: " + t.String())
	}
	for t.state != Done { // a Ready that was meant for another wait of the caller's does not count
		if err := t.seldom().joiners.WaitUntil(t.s, joining{t}, deadline); err != nil {
			return err
		}
	}
	return nil
}

type joining struct{ t *Task }

func (r joining) String() string   { return "join of " + r.t.String() }
func (r joining) Holders() []*Task { return []*Task{r.t} }

// Spawn makes a task that calls fn and puts it at the end of the run queue; fn does not run before the caller parks,
// yields or ends. Before the first Run it may be called on the goroutine that will call Run. From any other goroutine
// use Post. On a scheduler that is closing the task is dead at once, killed before its start. Hub thread only.
func (s *Scheduler) Spawn(name string, fn func()) *Task {
	if fn == nil {
		panic("sched: Spawn of a nil function")
	}
	t := new(Task)
	s.Start(t, name, Func(fn))
	return t
}

// Start is Spawn for a task that is part of something of the caller's. Hub thread only.
func (s *Scheduler) Start(t *Task, name string, body Body) {
	if !s.prepare(t, name, body) {
		return
	}
	t.state = Ready
	s.runq.push(t)
	if s.hooks != nil {
		s.hook(s.hooks.Spawned, t)
	}
}

// StartLater is Start after the delay d; equal deadlines start in the order of the calls. Kill before that, and it never
// starts. Hub thread only.
func (s *Scheduler) StartLater(t *Task, name string, body Body, d time.Duration) {
	if !s.prepare(t, name, body) {
		return
	}
	t.state = Delayed
	s.timers.start(&t.alarm, s.After(d))
	if s.hooks != nil {
		s.hook(s.hooks.Spawned, t)
	}
}

// prepare makes t a task of s. It reports false if that is closing, and t has ended with it.
func (s *Scheduler) prepare(t *Task, name string, body Body) bool {
	s.mustBeHere("Spawn")
	switch {
	case body == nil:
		panic("sched: a task needs a body")
	case t.s != nil:
		panic("sched: " + t.String() + " was started before; a task runs once")
	case s.closed:
		panic("sched: Spawn on a closed scheduler")
	}
	s.spawned++
	t.s, t.name, t.body, t.id = s, name, body, s.spawned
	t.alarm.wakes = true
	t.at = &t.co
	if s.sites {
		t.seldom().site = callerOutside()
	}
	if s.thread != nil {
		t.co.Init(s.thread, (*runner)(t))
	}
	s.live++
	t.older, s.newest = s.newest, t
	if t.older != nil {
		t.older.newer = t
	}
	if s.roster != nil && t.listed() {
		s.roster.enter(t)
	}
	if s.closing {
		t.state = Ready
		if s.hooks != nil {
			s.hook(s.hooks.Spawned, t)
		}
		t.killed = true
		s.finish(t, ErrKilled)
	}
	return !s.closing
}

// runner is a Task as package coro sees it, so that Task itself need not export Run and Finished.
type runner Task

func (r *runner) Run() {
	t := (*Task)(r)
	t.s.spent = 0
	t.body.Run()
	runtime.KeepAlive(r) // so that a stack trace shows it truly: "Run(0x...)", without a question mark
}

// Finished ends the task and names the next. Only the shortest way there is taken here: the rest of the loop may call
// functions of the user's, whose Goexit (a t.FailNow in a timer function) nobody could contain on the stack of a coroutine
// that is over. So the loop is left to the host, for one switch more.
func (r *runner) Finished(exit *coro.Exit) *coro.Coroutine {
	t := (*Task)(r)
	s := t.s
	var err error
	switch {
	case exit == nil:
	case exit.Panic != nil: // also one in a deferred function that ran because of a kill
		err = &PanicError{exit.Panic, exit.Stack}
	default:
		err = ErrKilled
	}
	s.finish(t, err)
	if _, ok := t.body.(forgotten); ok {
		s.pool.put(t)
	}
	if s.quantum > 0 && (exit == nil || exit.Panic == nil) {
		if n := s.runq.pop(); n != nil {
			s.quantum--
			s.resume(t, n)
			return n.at
		}
	}
	s.ended, s.current = t, nil
	return s.host.at
}

// finish takes t, which has ended or will never start, out of the scheduler and wakes who joined it.
func (s *Scheduler) finish(t *Task, err error) {
	if t.queue != nil {
		t.queue.remove(t)
	}
	s.timers.stop(&t.alarm)
	t.state, t.err, t.killing = Done, err, false
	t.wait++ // a Ticket for a wait that never began must not fit the task's next life, see Go
	s.live--
	if t.newer != nil {
		t.newer.older = t.older
	} else {
		s.newest = t.older
	}
	if t.older != nil {
		t.older.newer = t.newer
	}
	t.older, t.newer = nil, nil
	if s.roster != nil && t.listed() {
		s.roster.leave(t)
	}
	if s.hooks != nil {
		s.hook(s.hooks.Exited, t)
	}
	if r := t.rare; r != nil {
		r.thrown, r.canceled, r.attached, r.onKill = nil, nil, nil, nil
		s.tell(r.onDone)
		r.joiners.WakeAll()
		s.dropRare(t)
	}
	if t == s.mainTask || s.closing && s.live == 0 {
		s.stop()
	}
}

// tell calls the OnDone functions of a task. If one of them panics that goes on in whoever has ended the task.
func (s *Scheduler) tell(done []func()) {
	s.telling++
	defer func() { s.telling-- }()
	for _, fn := range done {
		fn()
	}
}
