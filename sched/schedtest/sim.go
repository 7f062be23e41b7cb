package schedtest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"greenloop/sched"
)

// Config is what RunConfig takes. Its zero value is what Run uses.
type Config struct {
	Seed    uint64                               // see sched.Config
	Sites   bool                                 // see sched.Config
	Hooks   *sched.Hooks                         // see sched.Config
	Record  bool                                 // fill Sim.Recorder
	OnPanic func(*sched.Task, *sched.PanicError) // nil: a panic of a task other than main fails the test
}

// A Sim is a scheduler on virtual time and scripted events. Except where a method says otherwise, it is for use on the
// scheduler's thread.
type Sim struct {
	*sched.Scheduler
	Clock    *Clock
	Poller   *Poller
	Recorder *Recorder // of all that happened since the start, if Config.Record

	t         testing.TB
	main      *sched.Task
	trace     []string
	leftovers bool
}

// Run calls fn in the main task of a new Sim and checks at its end that nothing is left behind. A deadlock fails the test.
func Run(t testing.TB, fn func(s *Sim)) {
	t.Helper()
	RunConfig(t, Config{}, fn)
}

// RunConfig is Run with a configuration.
func RunConfig(t testing.TB, c Config, fn func(s *Sim)) {
	t.Helper()
	if err := Try(t, c, fn); err != nil {
		t.Fatal(err)
	}
}

// Try is RunConfig for a test that expects fn to end badly: it returns the error of Scheduler.Run instead of failing.
func Try(t testing.TB, c Config, fn func(s *Sim)) error {
	t.Helper()
	goroutines := runtime.NumGoroutine()
	s := newSim(t, c)
	defer s.end(goroutines)
	err := s.Run(func() {
		s.main = s.Current()
		fn(s)
		s.checkTasks()
	})
	if errors.Is(err, sched.ErrKilled) && t.Failed() {
		t.FailNow() // a task has, and that ended main
	}
	return err
}

func newSim(t testing.TB, c Config) *Sim {
	s := &Sim{t: t, Clock: new(Clock)}
	s.Poller = NewPoller(s.Clock)
	hooks := []*sched.Hooks{c.Hooks, {Exited: s.exited}}
	if c.Record {
		s.Recorder = new(Recorder)
		hooks = append(hooks, s.Recorder.Hooks())
	}
	if c.OnPanic == nil {
		c.OnPanic = s.panicked
	}
	s.Scheduler = sched.New(sched.Config{
		Clock: s.Clock, Poller: s.Poller, Hooks: sched.Tee(hooks...), OnPanic: c.OnPanic, Seed: c.Seed, Sites: c.Sites,
	})
	return s
}

// exited sees when a task has ended by t.FailNow.
func (s *Sim) exited(t *sched.Task) {
	if t != s.main && errors.Is(t.Err(), sched.ErrKilled) && s.t.Failed() {
		s.abort()
	}
}

func (s *Sim) panicked(t *sched.Task, p *sched.PanicError) {
	switch {
	case t == nil:
		s.t.Errorf("schedtest: a function called by the loop: %v\n%s", p, p.Stack)
	case t != s.main: // main's is raised again by Run
		s.t.Errorf("schedtest: %v: %v\n%s", t, p, p.Stack)
	}
	s.abort()
}

// abort ends a test that has failed: what the others do, or wait for in vain, is of no interest now.
func (s *Sim) abort() {
	s.Post(func() {
		if s.main != nil {
			s.Kill(s.main)
		}
	})
}

// AllowLeftovers says that tasks and timers that are left when fn returns are there on purpose.
func (s *Sim) AllowLeftovers() { s.leftovers = true }

// checkTasks runs in main, when fn has returned.
func (s *Sim) checkTasks() {
	if s.leftovers || s.t.Failed() {
		return
	}
	if left := s.Dump()[1:]; len(left) > 0 { // main is the first
		var b strings.Builder
		for _, task := range left {
			fmt.Fprintf(&b, "\n\t%v", task)
		}
		s.t.Errorf("schedtest: %d tasks are left; end them, or call Settle or AllowLeftovers:%s", len(left), b.String())
	}
}

// end runs on the test's goroutine when all tasks have ended, even if by t.FailNow.
func (s *Sim) end(goroutines int) {
	s.t.Helper()
	if n := s.Stats().Timers; n > 0 && !s.leftovers && !s.t.Failed() {
		s.t.Errorf("schedtest: %d timers are still armed; stop them, or call AllowLeftovers", n)
	}
	if err := s.Close(); err != nil {
		s.t.Error(err)
	}
	if !s.t.Failed() {
		s.checkGoroutines(goroutines)
	}
}

// checkGoroutines gives those that are about to end the time to do so.
func (s *Sim) checkGoroutines(before int) {
	s.t.Helper()
	const patience = 100_000
	for range patience {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 1<<16)
	stacks = stacks[:runtime.Stack(stacks, true)]
	s.t.Errorf("schedtest: %d goroutines at the end, %d at the beginning:\n%s", runtime.NumGoroutine(), before, stacks)
}

// Go is Scheduler.Spawn.
func (s *Sim) Go(name string, fn func()) *sched.Task { return s.Spawn(name, fn) }

// Tracef adds a line to the trace.
func (s *Sim) Tracef(format string, args ...any) {
	s.trace = append(s.trace, fmt.Sprintf(format, args...))
}

// Trace returns the lines of Tracef.
func (s *Sim) Trace() []string { return s.trace }

// TraceString returns the lines of Tracef with a blank between each two, such as "1A 2A 1B 2B".
func (s *Sim) TraceString() string { return strings.Join(s.trace, " ") }

// TakeTrace returns what TraceString does and empties the trace.
func (s *Sim) TakeTrace() string {
	text := s.TraceString()
	s.trace = nil
	return text
}

// Await parks the current task until the event of that name comes, see Event.Await.
func (s *Sim) Await(event string) error { return s.Poller.Event(event).Await(s.Scheduler) }

// Settle lets the others go on until all of them wait or have ended, without moving the clock. Timers that are due now fire.
func (s *Sim) Settle() { s.AdvanceTo(s.Now()) }

// Advance is AdvanceTo the time that lies d in the future.
func (s *Sim) Advance(d time.Duration) { s.AdvanceTo(s.Now() + d) }

// AdvanceTo lets the others go on and the clock jump from deadline to deadline until it shows exactly that time, and all
// that is due then has been done; then it settles. A task that is awaited by nobody else must call it, one at a time.
func (s *Sim) AdvanceTo(at time.Duration) {
	if at < s.Now() {
		panic(fmt.Sprintf("schedtest: AdvanceTo(%v) at %v: time does not go back", at, s.Now()))
	}
	if s.Poller.settling() {
		panic("schedtest: AdvanceTo, Advance or Settle while another task is in one of them")
	}
	s.Poller.settler, s.Poller.limit = s.Current(), at
	defer func() { s.Poller.settler = nil }()
	_ = s.Park(sched.Why("settle")) // a Throw ends it early, as it should
}

// Outside calls fn on a goroutine of its own, as foreign code would run. Until fn returns the clock stands still,
// except for AdvanceTo, and nothing is taken for a deadlock. In fn, of all methods only those that are safe from
// any goroutine may be called: Post, Hold, Event.Fire and the like.
func (s *Sim) Outside(fn func()) {
	release := s.Hold()
	s.Poller.frozen.Add(1)
	go func() {
		defer release()
		defer s.Poller.nudge()
		defer s.Poller.frozen.Add(-1)
		fn()
	}()
}
