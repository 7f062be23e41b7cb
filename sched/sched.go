package sched

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"time"

	"greenloop/runtime/coro"
)

// Config is what New takes. Its zero value is a scheduler on real time without IO.
type Config struct {
	Clock   Clock                    // nil: the system's monotonic clock
	Poller  Poller                   // nil: one without events
	Hooks   *Hooks                   // nil: none
	OnPanic func(*Task, *PanicError) // told of each panic that ended a task, on the scheduler's thread; it must not wait
	Wakeup  func()                   // told, on any goroutine, that RunReady has something new to do
	Sites   bool                     // keep where each task was spawned, some 100 ns each; without it the body's place is shown
	Seed    uint64                   // not 0: run what is ready in random order, the same for the same seed
}

// A Scheduler runs tasks on the one thread that first calls Run or RunReady. Several can exist in a process,
// one a thread.
type Scheduler struct {
	// What each switch reads and writes comes first.
	runq     list
	quantum  int // steps until the loop looks at timers, events and posts again
	pollIn   int // the same for events alone, where steps are granted one by one
	spent    int // operations of the current task that could have parked, see Spend
	current  *Task
	thread   *coro.Thread // nil until the first Run
	switches uint64
	hooks    *Hooks
	random   *rand.Rand

	timers  timers
	now     time.Duration // the clock as last read by the loop
	clock   Clock
	poller  Poller
	mail    mailbox
	wakeup  func()
	onPanic func(*Task, *PanicError)
	sites   bool

	host      Task // stands for whoever called Run or RunReady
	driving   bool
	stepping  bool          // RunReady: return to the host rather than wait
	firstStep bool          // RunReady: no step was made yet
	until     time.Duration // RunReady: return to the host at this time
	mainTask  *Task         // Run: return to the host when it is done
	stopping  bool          // return to the host now
	failure   error         // why, if not because main is done

	newest  *Task // of all that are not done
	live    int
	spawned uint64
	posts   uint64
	polls   uint64
	closing bool // what is spawned now is killed at once
	closed  bool
}

// quantum is how many steps may pass before timers, events and posts get their turn; Go's scheduler looks elsewhere
// after 61. Order does not depend on it: what becomes ready goes behind what is.
const quantum = 64

// New returns a scheduler. It belongs to no thread yet: that is the one which first calls Run or RunReady. Safe from any goroutine.
func New(c Config) *Scheduler {
	s := &Scheduler{
		clock: c.Clock, poller: c.Poller, hooks: c.Hooks,
		onPanic: c.OnPanic, wakeup: c.Wakeup, sites: c.Sites,
	}
	if s.clock == nil {
		s.clock = realClock{time.Now()}
	}
	if s.poller == nil {
		s.poller = newIdlePoller()
	}
	if c.Seed != 0 {
		s.random = rand.New(rand.NewPCG(c.Seed, 0))
	}
	s.host.name, s.host.s = "host", s
	return s
}

var schedulerKey = coro.NewKey()

// Current returns the scheduler that is running on the calling thread, nil if there is none. Safe from any goroutine.
func Current() *Scheduler {
	if th := coro.Current(); th != nil {
		s, _ := th.Get(schedulerKey).(*Scheduler)
		return s
	}
	return nil
}

// Current returns the task that is running, nil in the host and in the loop. Hub thread only.
func (s *Scheduler) Current() *Task { return s.current }

// Here reports whether the caller runs on the scheduler's thread. Safe from any goroutine once the scheduler runs.
func (s *Scheduler) Here() bool { return s.thread != nil && s.thread.Here() }

// pick returns the task that runs next, the host if the loop is to stop. It runs on the stack of the one that gives up
// the CPU.
func (s *Scheduler) pick() *Task {
	if s.quantum > 0 {
		if t := s.runq.pop(); t != nil {
			s.quantum--
			return t
		}
	}
	return s.turn()
}

// turn is the loop, whole: posts, timers and events; then the next ready task; then, if there is none, the wait.
func (s *Scheduler) turn() *Task {
	s.current = nil // whoever calls Park now is told so
	for {
		if s.stopping {
			s.stopping = false
			return &s.host
		}
		s.takePosts()
		s.fireTimers()
		ready := s.runq.n > 0
		if s.stepping && (!ready || s.spentBudget()) {
			return &s.host
		}
		if ready {
			return s.take()
		}
		if !s.idle() {
			return &s.host
		}
	}
}

// take removes the next task from the run queue and grants the steps until the next turn.
func (s *Scheduler) take() *Task {
	if s.pollIn <= 0 {
		s.pollIn = quantum
		if s.poller.Waiting() > 0 {
			s.poll(0)
		}
	}
	grant := quantum
	if s.stepping || s.random != nil {
		grant = 1 // each step is looked at: is the host's time up, which is next
	}
	s.pollIn -= grant
	s.quantum = grant - 1
	if s.random == nil {
		return s.runq.pop()
	}
	t := s.runq.head
	for range s.random.IntN(s.runq.n) {
		t = t.next
	}
	s.runq.remove(t)
	return t
}

// spentBudget reports whether the host's time is up. The first step is granted in any case.
func (s *Scheduler) spentBudget() bool {
	if s.firstStep {
		s.firstStep = false
		return false
	}
	return s.clock.Now() >= s.until
}

// idle waits for the next timer, event or post. It reports false if none of them can come.
func (s *Scheduler) idle() bool {
	s.now = s.clock.Now()
	timeout := time.Duration(-1)
	if next := s.timers.next(); next != Never {
		timeout = max(next-s.now, 0)
	} else if s.poller.Waiting() == 0 && s.mail.holds.Load() == 0 && !s.mail.full.Load() {
		if s.failure == nil && !s.closing {
			s.failure = &DeadlockError{Tasks: s.Dump()}
		}
		return false
	}
	s.mail.asleep.Store(true)
	if s.mail.full.Load() || timeout < 0 && s.poller.Waiting() == 0 && s.mail.holds.Load() == 0 {
		timeout = 0 // something came before we were asleep, and did not wake us
	}
	s.poll(timeout)
	s.mail.asleep.Store(false)
	return true
}

func (s *Scheduler) poll(timeout time.Duration) {
	s.polls++
	if s.hooks != nil && s.hooks.BeforePoll != nil {
		s.hooks.BeforePoll(timeout)
	}
	if err := s.poller.Poll(timeout); err != nil && s.failure == nil {
		s.failure, s.stopping = fmt.Errorf("sched: the poller failed: %w", err), true
	}
	if s.hooks != nil && s.hooks.AfterPoll != nil {
		s.hooks.AfterPoll()
	}
}

// stop makes the loop return to the host instead of running another task.
func (s *Scheduler) stop() { s.stopping, s.quantum = true, 0 }

// guard calls a function of the user's from the loop, on the stack of some task that has nothing to do with it and must
// not be unwound by its panic.
func (s *Scheduler) guard(fn func()) {
	current := s.current
	s.current = nil
	defer func() {
		s.current = current
		if v := recover(); v != nil && s.onPanic != nil {
			p := &PanicError{v, debug.Stack()}
			defer func() { _ = recover() }() // the handler's own panic: there is nobody left to tell
			s.onPanic(nil, p)
		}
	}()
	fn()
}

// bind makes the calling thread the scheduler's, and reports whether it was not before.
func (s *Scheduler) bind() (fresh bool) {
	if s.closed {
		panic("sched: Run or RunReady on a closed scheduler")
	}
	if s.thread != nil {
		if !s.thread.Here() {
			panic("sched: Run and RunReady belong on the thread that called one of them first; for another thread make another scheduler")
		}
		if s.driving {
			panic("sched: Run, RunReady or Close called inside a task of the same scheduler; they are for the host: call Spawn, or end main")
		}
		return false
	}
	th := coro.Enter()
	if other := th.Get(schedulerKey); other != nil {
		_ = th.Leave()
		panic("sched: this thread has a scheduler already; spawn a task in it, or close it first")
	}
	th.Set(schedulerKey, s)
	s.thread = th
	for t := s.newest; t != nil; t = t.older {
		t.co.Init(th, (*runner)(t))
	}
	return true
}

func (s *Scheduler) unbind() error {
	th := s.thread
	th.Set(schedulerKey, nil)
	s.thread = nil
	return th.Leave()
}

// drive runs tasks until the loop returns to the host.
func (s *Scheduler) drive() {
	s.driving, s.stopping, s.failure, s.quantum = true, false, nil, 0
	s.host.at = s.thread.Current()
	defer func() {
		s.driving, s.current = false, nil
	}()
	if t := s.pick(); t != &s.host {
		s.resume(&s.host, t)
		t.at.Switch()
	}
}

// Run calls main in a task and runs all tasks until it returns; then it kills those that are left, whose deferred
// functions run, and returns. A panic of main is raised again in the caller of Run, with the same value, and a
// runtime.Goexit (t.FailNow, t.Skip) goes on there, after that clean-up. If all tasks wait and nothing can wake
// them, main is killed with the others and Run returns a *DeadlockError. The scheduler can be used again. It blocks the
// calling goroutine, which is locked to its thread meanwhile.
func (s *Scheduler) Run(main func()) error {
	if main == nil {
		panic("sched: Run of a nil function")
	}
	return s.RunTask(new(Task), "main", Func(main))
}

// RunTask is Run for a task that is part of something of the caller's.
func (s *Scheduler) RunTask(task *Task, name string, body Body) error {
	fresh := s.bind()
	s.Start(task, name, body)
	s.mainTask = task
	s.drive()
	failure := s.failure
	s.mainTask = nil
	s.killAll()
	if fresh {
		if e := s.unbind(); failure == nil {
			failure = e
		}
	}
	if p, ok := task.err.(*PanicError); ok {
		panic(p.Value)
	}
	if failure == nil && task.err != nil && !task.killed {
		runtime.Goexit()
	}
	if failure == nil {
		failure = task.err
	}
	return failure
}

// RunReady runs what is ready, without waiting for anything: until nothing is, or the budget of time is used up, which is
// looked at between tasks; a task is not interrupted. It looks at timers, events and posts first. It reports whether
// tasks are ready still. For a host that has a loop of its own; NextDeadline and Config.Wakeup tell when to call
// again. The first call binds the scheduler to the calling thread, until Close.
func (s *Scheduler) RunReady(budget time.Duration) (more bool) {
	s.bind()
	s.stepping, s.firstStep = true, true
	s.until = s.After(budget)
	defer func() { s.stepping = false }()
	if s.poller.Waiting() > 0 {
		s.poll(0)
	}
	s.drive()
	return s.runq.n > 0
}

// NextDeadline returns how long nothing will be ready if no event and no post comes: 0 if something is ready now, and
// false if there is no timer. Hub thread only.
func (s *Scheduler) NextDeadline() (wait time.Duration, ok bool) {
	if s.runq.n > 0 || s.mail.full.Load() {
		return 0, true
	}
	next := s.timers.next()
	if next == Never {
		return 0, false
	}
	return max(next-s.clock.Now(), 0), true
}

// Close kills all tasks, waits until their deferred functions have run, and gives back the thread. Post reports false
// from then on. It is called by the host, on the scheduler's thread, and may be called twice.
func (s *Scheduler) Close() error {
	if s.closed {
		return nil
	}
	s.bind()
	s.mail.mu.Lock()
	s.mail.shut = true
	s.mail.mu.Unlock()
	s.killAll()
	s.closed = true
	return s.unbind()
}

// killAll kills all tasks and runs the loop until the last is gone. What their deferred functions wait for, they get; only
// when that can never come are they killed again, which ends that deferred function and lets the next one run.
func (s *Scheduler) killAll() {
	s.closing = true
	defer func() { s.closing = false }()
	for s.live > 0 {
		for t := s.newest; t != nil; {
			older := t.older
			s.Kill(t)
			t = older
		}
		if s.live > 0 {
			s.drive()
		}
	}
}
