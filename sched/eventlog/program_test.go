package eventlog_test

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"time"

	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A logProgram is a table of scripts. Main follows the first; further tasks, spawned by steps, follow any.
type logProgram struct {
	scripts []logScript
	seed    uint64
	host    bool // it is driven by RunReady
	attach  bool // the log comes and goes by steps
}

type logScript struct{ body, deferred []logStep }

type logStep struct {
	op  string
	arg int // a task, a queue, a timer or a script, modulo how many there are
	d   int // milliseconds
}

var logOps = []string{
	"yield", "yield", "sleep", "park", "parkUntil", "wait", "waitUntil", "wake", "wakeAll", "ready", "ready", "kill", "throw",
	"cancel", "setTimeout", "spawn", "spawn", "spawn", "later", "go", "post", "join", "joinUntil", "timer", "timer", "stopTimer",
	"panic", "goexit", "note", "pass", "pass", "await", "fire", "idle", "attach", "attach", "detach",
}

func logPrograms() *rapid.Generator[logProgram] {
	one := rapid.Custom(func(t *rapid.T) logStep {
		return logStep{
			rapid.SampledFrom(logOps).Draw(t, "op"), rapid.IntRange(0, logTasks-1).Draw(t, "arg"),
			rapid.IntRange(-1, 3).Draw(t, "d"),
		}
	})
	script := rapid.Custom(func(t *rapid.T) logScript {
		body := rapid.SliceOfN(one, 1, 12).Draw(t, "body")
		return logScript{body, rapid.SliceOfN(one, 0, 2).Draw(t, "deferred")}
	})
	return rapid.Custom(func(t *rapid.T) logProgram {
		return logProgram{
			rapid.SliceOfN(script, 1, 5).Draw(t, "scripts"), rapid.Uint64Range(0, 3).Draw(t, "seed"),
			rapid.Bool().Draw(t, "host"), rapid.Bool().Draw(t, "attach"),
		}
	})
}

const logTasks, logQueues, logTimers = 14, 3, 3

// logRun is a program that runs, and the logs that watch it.
type logRun struct {
	logProgram
	*sched.Scheduler
	poller *schedtest.Poller
	clock  *schedtest.Clock
	tasks  []*sched.Task
	q      [logQueues]sched.WaitQueue
	timers [logTimers]*sched.Timer

	whole, part *eventlog.Log
	seen        witness
	remove      []func()
	control     map[uint64]string // by task
}

// runLogged runs p to its end, which may be a deadlock.
func runLogged(p logProgram, partSize int) *logRun {
	r := &logRun{logProgram: p, clock: new(schedtest.Clock), control: make(map[uint64]string)}
	r.poller = schedtest.NewPoller(r.clock)
	r.whole, r.part = eventlog.New(eventlog.Config{}), eventlog.New(eventlog.Config{Size: partSize})
	r.Scheduler = sched.New(sched.Config{
		Clock: r.clock, Poller: r.poller, Seed: p.seed, OnPanic: func(*sched.Task, *sched.PanicError) {},
	})
	for i := range r.timers {
		r.timers[i] = sched.NewTimer(func() {
			r.q[i].WakeAll()
			if i == 1 {
				r.StartTimer(r.timers[0], r.Now()-1) // armed by one that fires, for what has passed
			}
		})
	}
	if !p.attach {
		r.add()
	}
	defer func() { _ = r.Close() }()
	if !p.host {
		done := make(chan struct{})
		go func() { // a panic or Goexit of main goes on in the caller
			defer close(done)
			defer func() { _ = recover() }()
			_ = r.Run(func() { r.tasks = append(r.tasks, r.Current()); r.follow(p.scripts[0]) })
		}()
		<-done
		return r
	}
	r.spawn(0, "")
	for range 100 {
		if r.RunReady(0) {
			continue
		}
		wait, ok := r.NextDeadline()
		if !ok {
			break
		}
		r.clock.Set(r.Now() + wait)
	}
	return r
}

func (r *logRun) add() {
	if r.remove == nil {
		r.seen.reset(r.Scheduler)
		for _, h := range []*sched.Hooks{r.whole.Hooks(), r.part.Hooks(), r.seen.hooks(r.Scheduler)} {
			r.remove = append(r.remove, r.AddHooks(h))
		}
	}
}

func (r *logRun) detach() {
	for _, remove := range r.remove {
		remove()
	}
	r.remove = nil
}

func (r *logRun) spawn(arg int, how string) {
	if len(r.tasks) >= logTasks {
		return
	}
	sc := r.scripts[arg%len(r.scripts)]
	task := new(sched.Task)
	name := fmt.Sprintf("t%d", len(r.tasks))
	r.tasks = append(r.tasks, task)
	body := func() {
		defer func() {
			for _, st := range sc.deferred {
				r.do(st)
			}
		}()
		r.follow(sc)
	}
	switch how {
	case "later":
		r.StartLater(task, name, sched.Func(body), time.Duration(arg%4)*time.Millisecond)
	case "go":
		r.Go(body)
	case "post":
		r.Post(body)
	default:
		r.Start(task, name, sched.Func(body))
	}
}

func (r *logRun) follow(sc logScript) {
	for _, st := range sc.body {
		r.do(st)
	}
}

var errThrown = errors.New("thrown")

func (r *logRun) do(st logStep) {
	task, q, d := r.tasks[st.arg%len(r.tasks)], &r.q[st.arg%logQueues], time.Duration(st.d)*time.Millisecond
	timer, event := r.timers[st.arg%logTimers], r.poller.Event(fmt.Sprint("event ", st.arg%2))
	why := sched.Why(st.op)
	known := task.Scheduler() != nil
	switch st.op {
	case "yield":
		r.Yield()
	case "sleep":
		_ = r.Sleep(d)
	case "park":
		_ = r.Park(why)
	case "parkUntil":
		_ = r.ParkUntil(why, r.Now()+d)
	case "wait":
		_ = q.Wait(r.Scheduler, why)
	case "waitUntil":
		_ = q.WaitUntil(r.Scheduler, why, r.Now()+d)
	case "wake":
		q.Wake()
	case "wakeAll":
		q.WakeAll()
	case "spawn", "later", "go", "post":
		r.spawn(st.arg, st.op)
	case "timer":
		r.StartTimer(timer, r.Now()+d)
	case "stopTimer":
		r.StopTimer(timer)
	case "panic":
		if st.d == 0 {
			panic("panic")
		}
	case "goexit":
		if st.d == 0 {
			runtime.Goexit()
		}
	case "note":
		r.whole.Note("note")
		r.part.Note("note")
		if r.remove != nil {
			r.seen.look(r.Scheduler, eventlog.Note, nil)
		}
	case "pass":
		from, to := cmp.Or(r.control[r.Current().ID()], "g0"), fmt.Sprint("g", st.arg%3)
		r.control[r.Current().ID()] = to
		r.whole.Pass(from, to)
		r.part.Pass(from, to)
		if r.remove != nil {
			r.seen.look(r.Scheduler, eventlog.Pass, nil)
		}
	case "await":
		_ = event.AwaitUntil(r.Scheduler, r.Now()+d)
	case "fire":
		event.Fire()
	case "idle":
		_ = r.Idle()
	case "attach":
		if r.attach {
			r.add()
		}
	case "detach":
		if r.attach {
			r.detach()
		}
	default:
		if known {
			r.doTo(task, st.op, d)
		}
	}
}

// doTo is a step about another task, or about oneself.
func (r *logRun) doTo(task *sched.Task, op string, d time.Duration) {
	switch op {
	case "ready":
		r.Ready(task)
	case "kill":
		r.Kill(task)
	case "throw":
		r.Throw(task, errThrown)
	case "cancel":
		r.Cancel(task, []error{errThrown, nil}[d/time.Millisecond&1])
	case "setTimeout":
		r.SetTimeout(task, r.Now()+d)
	case "join":
		if task != r.Current() {
			_ = task.Join()
		}
	case "joinUntil":
		if task != r.Current() {
			_ = task.JoinUntil(r.Now() + d)
		}
	}
}
