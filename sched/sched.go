package sched

import (
	"fmt"
	"math/rand/v2"
	"runtime"
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
	Roster  bool                     // let other goroutines look up names and sites, see Origin; some 100 ns for each task that has one
	Seed    uint64                   // not 0: run what is ready in random order, the same for the same seed
}

// A Scheduler runs tasks on the one thread that first calls Run or RunReady. Several can exist in a process,
// one a thread.
type Scheduler struct {
	// What each switch reads and writes comes first.
	runq     list
	quantum  int // steps until the loop looks at timers, events and posts again
	grant    int // how many they were at first
	fast     int // steps in a row that took no time to speak of
	pollIn   int // the same for events alone, where steps are granted one by one
	spent    int // operations of the current task that could have parked, see Spend
	current  *Task
	thread   *coro.Thread // nil until the first Run
	switches uint64
	hooks    *Hooks // of all that were added, joined; nil if there are none
	random   *rand.Rand

	timers  timers
	now     time.Duration // the clock as last read by the loop
	granted time.Duration // when the steps were granted; -1: not known, or the loop has waited since
	looked  time.Duration // when steps were granted after the latest look at events; only if paced
	paced   bool          // steps take time, see pace
	clock   Clock
	poller  Poller
	mail    mailbox
	wakeup  func()
	onPanic func(*Task, *PanicError)
	added   []*addedHooks
	sites   bool
	roster  *roster // nil unless Config.Roster

	host      Task // stands for whoever called Run or RunReady
	driving   bool
	stepping  bool          // RunReady: return to the host rather than wait
	firstStep bool          // RunReady: no step was made yet
	until     time.Duration // RunReady: return to the host at this time
	mainTask  *Task         // Run: return to the host when it is done
	ended     *Task         // has ended and left the loop to the host
	stopping  bool          // return to the host now
	failure   error         // why, if not because main is done
	broken    bool          // it was the poller, which is not asked any more
	goexit    bool          // a function of the user's ended the goroutine that the loop ran on

	idlers   WaitQueue // see Idle
	idler    *Task     // who was woken last of them
	drainers WaitQueue // see Drain
	drained  uint64    // how often they were woken

	spinBy time.Duration // until when Spin may go on; 0: it was not called since the latest look at events

	newest  *Task // of all that are not done
	pool    taskPool
	rares   []*rare // of tasks that have ended, to be used again
	live    int
	spawned uint64
	posts   uint64
	polls   uint64
	telling int  // tasks that end at this moment, inside one another, and whose OnDone functions run
	closing bool // what is spawned now is killed at once
	closed  bool
}

// quantum is how many steps may pass before timers, events and posts get their turn; Go's scheduler looks elsewhere
// after 61. Order does not depend on it: what becomes ready goes behind what is.
const quantum = 64

// New returns a scheduler. It belongs to no thread yet: that is the one which first calls Run or RunReady. Safe from any goroutine.
func New(c Config) *Scheduler {
	s := &Scheduler{
		clock: c.Clock, poller: c.Poller,
		onPanic: c.OnPanic, wakeup: c.Wakeup, sites: c.Sites,
	}
	if s.clock == nil {
		s.clock = realClock{time.Now()}
	}
	if s.poller == nil {
		s.poller = newIdlePoller()
	}
	if c.Roster {
		s.roster = new(roster)
	}
	if c.Seed != 0 {
		s.random = rand.New(rand.NewPCG(c.Seed, 0))
	}
	if c.Hooks != nil {
		s.AddHooks(c.Hooks)
	}
	s.grant, s.granted, s.paced = quantum, -1, s.RealTime()
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
func (s *Scheduler) Current() *Task {
	if t := s.current; t != nil && t.state == Running {
		return t
	}
	return nil
}

// Here reports whether the caller runs on the scheduler's thread. Safe from any goroutine.
func (s *Scheduler) Here() bool { return Current() == s }

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
	for !s.stopping {
		s.takePosts()
		s.fireTimers()
		if s.pollIn <= 0 && s.runq.n > 0 {
			s.poll(0)
		}
		ready := s.runq.n > 0 || s.idlers.list.n > 0 && s.wakeIdler()
		switch {
		case s.stopping:
		case s.stepping && (!ready || s.spentBudget()):
			return &s.host
		case ready:
			return s.take()
		case !s.idle():
			return &s.host
		}
	}
	s.stopping = false
	return &s.host
}

// take removes the next task from the run queue and grants the steps until the next turn.
func (s *Scheduler) take() *Task {
	s.mail.pulse.beat()
	grant := 1 // if each step is looked at: is the host's time up, which is next
	if !s.stepping && s.random == nil {
		grant = s.pace()
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
	if s.wakeDrainers() {
		return true
	}
	timeout := time.Duration(-1)
	if next := s.timers.next(); next != Never {
		timeout = max(next-s.now, 0)
	} else if !s.hopeful() {
		if s.failure == nil && !s.closing {
			s.failure = &DeadlockError{s.Graph()}
		}
		return false
	}
	if s.broken {
		return false
	}
	s.mail.pulse.sleep()
	if s.mail.full.Load() || timeout < 0 && !s.hopeful() || s.wakeDrainers() {
		timeout = 0 // something came before we were asleep, and did not wake us
	}
	s.poll(timeout)
	s.mail.pulse.beat()
	s.grant, s.granted = min(s.grant, few), -1
	return true
}

// hopeful reports whether something besides a timer can still come. The holds are read first: who gives one up has posted,
// or caused an event, before. Once posts are refused, by Close on this very thread, they promise nothing.
func (s *Scheduler) hopeful() bool {
	return s.mail.holds.Load() > 0 && !s.mail.shut || s.mail.full.Load() || s.poller.Waiting() > 0
}

// poll asks the poller for events, unless it waits for none and we need not wait either.
func (s *Scheduler) poll(timeout time.Duration) {
	s.pollIn, s.spinBy = quantum, 0
	if runtime.GOARCH == "wasm" && timeout == 0 {
		runtime.Gosched() // nothing there is preempted: tasks that only yield would starve all goroutines
	}
	if s.broken || timeout == 0 && s.poller.Waiting() == 0 {
		return
	}
	s.polls++
	if s.hooks != nil && s.hooks.BeforePoll != nil {
		s.contain(func() { s.hooks.BeforePoll(timeout) })
	}
	var err error
	if p := s.guard(func() { err = s.poller.Poll(timeout) }); p != nil {
		err = p
	}
	if s.hooks != nil && s.hooks.AfterPoll != nil {
		s.contain(s.hooks.AfterPoll)
	}
	if err != nil {
		s.broken = true
		s.fail(fmt.Errorf("sched: the poller failed: %w", err))
	}
}

// stop makes the loop return to the host instead of running another task.
func (s *Scheduler) stop() { s.stopping, s.quantum = true, 0 }

// fail stops the loop because of err, which Run returns.
func (s *Scheduler) fail(err error) {
	if s.failure == nil {
		s.failure = err
	}
	s.stop()
}
