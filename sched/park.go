package sched

import (
	"runtime"
	"time"
)

// The only functions that give up the CPU are await and yield; the only one that gives it back is wake. All else in
// this module that waits comes down to them.

// ErrTimeout ends a wait whose deadline has passed.
var ErrTimeout error = timeoutError{}

type timeoutError struct{}

func (timeoutError) Error() string   { return "sched: deadline passed" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// A Reason says, for people, what a parked task waits for. It should cost nothing to make: a constant of a string type,
// or the awaited object itself.
type Reason interface{ String() string }

// Why is a Reason that is a plain text, such as Why("sleep").
type Why string

func (w Why) String() string { return string(w) }

// unsaid is the reason of who gives none, since a task without is not parked.
const unsaid = Why("<nil>")

// Park gives up the CPU until somebody calls Ready for the current task, and returns nil then. What ends it early: a
// Throw, whose error is returned, and a Kill, after which it does not return but ends the task as runtime.Goexit does,
// deferred functions running. A throw or kill that came while the task was not parked ends its next park at once. Hub thread only.
func (s *Scheduler) Park(why Reason) error { return s.await(nil, nil, "Park", why, Never) }

// ParkUntil is Park with a deadline on the scheduler's clock, at which it returns ErrTimeout; a deadline that has passed
// is reported without parking. Hub thread only.
func (s *Scheduler) ParkUntil(why Reason, deadline time.Duration) error {
	return s.await(nil, nil, "ParkUntil", why, deadline)
}

// Sleep parks the current task for the duration d, counted from a fresh reading of the clock; if d is not above zero it
// yields. It returns nil, or the error of a Throw; a Ready ends it early. Hub thread only.
func (s *Scheduler) Sleep(d time.Duration) error {
	if d <= 0 {
		s.Yield()
		return nil
	}
	deadline := s.After(d)
	t := s.parking("Sleep", Why("sleep"))
	if t == nil {
		return s.takeThrown()
	}
	if deadline != Never {
		s.timers.start(&t.alarm, deadline)
	}
	err := s.await(t, nil, "", nil, Never)
	if err == ErrTimeout && s.now >= deadline { //nolint:errorlint // ours alone; one that was thrown is told, whatever it wraps
		return nil
	}
	return err
}

// SetTimeout moves the deadline of t's present wait, as if it had been parked with it; Never removes it. A Sleep that is cut
// short in this way returns ErrTimeout. It does nothing if t is not parked. Hub thread only.
func (s *Scheduler) SetTimeout(t *Task, deadline time.Duration) {
	s.mustOwn("SetTimeout", t)
	if t.state != Parked {
		return
	}
	s.timers.stop(&t.alarm)
	if deadline != Never {
		s.timers.start(&t.alarm, deadline)
	}
	if s.hooks != nil {
		s.hook(s.hooks.DeadlineMoved, t)
	}
}

// parking checks that the current task may park, and marks it parked. It returns nil if an error was thrown at the task
// that has to be returned instead, or its waits are canceled.
func (s *Scheduler) parking(call string, why Reason) *Task {
	t := s.task(call)
	if t.killing {
		t.killing = false
		t.wait++ // a Ticket for this wait is not one for the next
		s.die(t)
	}
	if r := t.rare; r != nil && !r.shielded && (r.thrown != nil || r.canceled != nil) {
		t.wait++
		return nil
	}
	if why == nil {
		why = unsaid
	}
	t.state, t.reason, t.since = Parked, why, s.now
	return t
}

// parkingUntil is parking with a deadline, or tells with which error the wait ends before it begins.
func (s *Scheduler) parkingUntil(call string, why Reason, deadline time.Duration) (*Task, error) {
	t := s.parking(call, why)
	switch {
	case t == nil:
		return nil, s.takeThrown()
	case deadline == Never:
	case deadline <= s.Now():
		t.state, t.reason = Running, nil
		t.wait++
		return nil, ErrTimeout
	default:
		s.timers.start(&t.alarm, deadline)
	}
	return t, nil
}

func (s *Scheduler) takeThrown() error {
	r := s.current.rare
	if r.thrown == nil {
		err := r.canceled
		s.Spend() // who ignores it and tries again without end must starve nobody, and be open to a kill
		return err
	}
	err := r.thrown
	r.thrown = nil
	return err
}

// await is every park: it marks the current task parked, unless t is that task and parking has marked it, puts it in l, if
// that is not nil, and runs the loop on its stack, until that comes to a ready task. It switches straight to that one; if it
// is t itself there is no switch at all. All is in one function, around which the compiler inlines Park, Wait and their like:
// see yield.
func (s *Scheduler) await(t *Task, l *list, call string, why Reason, deadline time.Duration) error {
	if t == nil {
		var err error
		if t, err = s.parkingUntil(call, why, deadline); err != nil {
			return err
		}
	}
	if l != nil {
		l.push(t)
	}
	if s.hooks != nil {
		s.hook(s.hooks.Parked, t)
	}
	if n := s.pick(); n != t {
		t.at = s.thread.Current()
		s.resume(t, n)
		if next, yield := n.at.Depart(); yield != nil { // see yield
			yield(struct{}{})
		} else {
			next()
		}
		t.at.Arrive()
		s.spent = 0
	} else {
		s.goOn(t)
	}
	t.reason = nil
	t.wait++
	if t.dying {
		t.dying = false
		s.die(t)
	}
	return t.err
}

// die ends t, the current task, by Goexit. If it runs in a raw coroutine inside the task, that one ends first, and is told
// to pass it on.
func (s *Scheduler) die(t *Task) {
	if c := s.thread.Current(); c != &t.co {
		c.Doom()
	}
	runtime.Goexit()
}

// resume records that the CPU goes from one task to the other.
func (s *Scheduler) resume(from, to *Task) {
	if s.hooks != nil {
		s.switched(from, to)
	}
	s.current = to
	to.state = Running
	s.switches++
}

// goOn is resume for a task that gave up the CPU and is the next to have it.
func (s *Scheduler) goOn(t *Task) {
	if s.hooks != nil {
		s.switched(t, t)
	}
	t.state = Running
}

// Yield lets all that are ready run before the current task goes on. A kill that came in the meantime ends the task
// here; a throw waits for the next park. Hub thread only.
func (s *Scheduler) Yield() { yield(s, nil) }

// YieldIn is Yield in the scheduler that find returns, for a layer above that finds its own: a Yield there that does no more
// than call this is inlined, one level of calls less. Hub thread only.
func YieldIn(find func() *Scheduler) { yield(nil, find) }

func yield(s *Scheduler, find func() *Scheduler) {
	if s == nil {
		s = find()
	}
	t := s.task("Yield")
	if t.killing {
		t.killing = false
		s.die(t)
	}
	t.state = Ready
	s.runq.push(t)
	if s.hooks != nil {
		s.hook(s.hooks.Yielded, t)
	}
	if n := s.pick(); n != t {
		t.at = s.thread.Current()
		s.resume(t, n)
		// The switch is made here, not in a function shared with await or in Switch: each level of calls that a switch
		// returns through costs some 8 ns in a mispredicted return.
		if next, yield := n.at.Depart(); yield != nil {
			yield(struct{}{})
		} else {
			next()
		}
		t.at.Arrive()
		s.spent = 0
	} else {
		s.goOn(t)
	}
	if t.killing {
		t.killing = false
		s.die(t)
	}
}

// Spend counts an operation of the current task that could have parked and did not, and yields when budget of
// them have come in a row: so a task whose reads always succeed at once starves nobody. Parks only then. Hub thread only.
func (s *Scheduler) Spend() {
	if s.spent++; s.spent >= budget {
		s.spent = 0
		s.Yield()
	}
}

// budget is tokio's figure, which came out of the same problem: large enough to keep batches, small enough to be fair.
const budget = 128

// Ready ends the wait of t: Park returns nil in it, after all that were ready before have run. It reports false,
// and does nothing, if t is not parked. Who may be late, because the wait can have ended otherwise and another one begun,
// uses a Ticket. Hub thread only.
func (s *Scheduler) Ready(t *Task) bool {
	s.mustOwn("Ready", t)
	if t.state != Parked {
		return false
	}
	s.wake(t, nil)
	return true
}

// wake ends the wait of t, which is parked, with err. Every wake-up comes here, and from here on nothing else can end
// that same wait: it is in no queue and no timer of it runs.
func (s *Scheduler) wake(t *Task, err error) {
	if t.queue != nil {
		t.queue.remove(t)
	}
	if t.alarm.index != 0 {
		s.timers.stop(&t.alarm)
	}
	t.err, t.state = err, Ready
	s.runq.push(t)
	if s.hooks != nil {
		s.readied(t)
	}
}

// A Ticket stands for one wait of one task, its zero value for none. Whoever will wake the task later, perhaps too late,
// keeps it.
type Ticket struct {
	task *Task
	wait uint32
}

// Ticket returns the ticket for the next wait of the current task. Hub thread only.
func (s *Scheduler) Ticket() Ticket {
	t := s.task("Ticket")
	return Ticket{t, t.wait}
}

// Ready is Scheduler.Ready for that one wait: it reports false, and does nothing, once the wait has ended. Hub thread only.
func (k Ticket) Ready() bool {
	return k.task != nil && k.task.wait == k.wait && k.task.s.Ready(k.task)
}

// Waits reports whether that one wait is under way: whoever finds out before it gives something away can give it to another. Hub
// thread only.
func (k Ticket) Waits() bool {
	return k.task != nil && k.task.wait == k.wait && k.task.state == Parked
}

// task returns the current task, or panics if there is none to be parked. Nearby, which is inlined, saves a call.
func (s *Scheduler) task(call string) *Task {
	t := s.current
	if t == nil || t.state != Running || !s.thread.Nearby() && !s.thread.Here() { // not Running: the loop runs on its stack
		s.misplaced(call)
	}
	return t
}

func (s *Scheduler) misplaced(call string) {
	if s.thread == nil || s.thread.Here() {
		panic("sched: " + call + " called outside a task: the host, a timer function or a hook cannot wait; spawn a task that does")
	}
	panic("sched: " + call + " called on a goroutine that is not the scheduler's; use Post to hand it a function")
}

// mustBeHere panics on any goroutine but the scheduler's own, once that is known.
func (s *Scheduler) mustBeHere(call string) {
	if s.thread != nil && !s.thread.Nearby() && !s.thread.Here() {
		s.misplaced(call)
	}
}

// mustOwn is mustBeHere for a call about t, which must be a task of this scheduler: queued in another one, it would run
// on a thread that is not its own.
func (s *Scheduler) mustOwn(call string, t *Task) {
	s.mustBeHere(call)
	if t.s != s {
		panic("sched: " + call + " of a task of another scheduler, or of one never started; use Post to reach another scheduler")
	}
}
