package sched

import (
	"runtime"
	"time"

	"greenloop/runtime/coro"
)

// The host is whoever owns the thread: what it calls is here, and nothing of it may be called inside a task.

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
	if th := coro.Current(); th != nil {
		if th.Get(schedulerKey) != nil {
			panic("sched: this thread has a scheduler already; spawn a task in it, or close it first")
		}
		if th.Current() != th.Main() {
			panic("sched: Run and RunReady called inside a coroutine; they are for the goroutine that called coro.Enter")
		}
	}
	th := coro.Enter()
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

// drive runs tasks until the loop returns to the host. Meanwhile the host runs the loop when a task has ended and no other
// is at hand.
func (s *Scheduler) drive() {
	s.driving, s.stopping, s.quantum, s.granted = true, false, 0, -1
	s.host.at = s.thread.Current()
	defer func() {
		s.driving, s.current = false, nil
	}()
	for from := &s.host; from != nil; {
		t := s.pick()
		if t != from { // else neither has run
			s.resume(from, t)
		}
		if t == &s.host {
			return
		}
		t.at.Switch()
		if s.ended == nil && s.current != &s.host {
			s.strayed(s.current)
		}
		if from, s.ended = s.ended, nil; from != nil {
			if p, ok := from.err.(*PanicError); ok {
				s.report(from, p)
			}
		}
	}
}

// strayed is called when the host was switched to by package coro, inside t, behind the scheduler's back. t goes on there, up
// to its next wait, when Run kills what is left.
func (s *Scheduler) strayed(t *Task) {
	t.state, t.at, t.killing, t.killed = Ready, &t.co, true, true
	s.runq.push(t)
	panic("sched: " + t.String() + " switched to the host by means of package coro; a task gives up the CPU by Park and Yield only")
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
	failure := s.session(fresh, task, name, body)
	if p, ok := task.err.(*PanicError); ok {
		panic(p.Value)
	}
	if s.goexit || task.err == ErrKilled && !task.killed {
		runtime.Goexit()
	}
	if failure == nil {
		failure = task.err
	}
	return failure
}

// session is what RunTask does between the thread's binding and the end of all tasks. It cleans up even if a Goexit in
// the loop ends the host's own goroutine.
func (s *Scheduler) session(fresh bool, main *Task, name string, body Body) (failure error) {
	s.failure, s.broken, s.goexit = nil, false, false
	defer func() {
		failure = s.failure
		if fresh {
			if err := s.unbind(); failure == nil {
				failure = err
			}
		}
	}()
	defer func() {
		s.mainTask = nil
		s.killAll()
	}()
	s.Start(main, name, body)
	s.mainTask = main
	s.drive()
	return nil
}

// RunReady runs what is ready, without waiting for anything: until nothing is, or the budget of time is used up, which is
// looked at between tasks; a task is not interrupted. It looks at timers, events and posts first. It reports whether
// tasks are ready still. For a host that has a loop of its own; NextDeadline and Config.Wakeup tell when to call
// again. The first call binds the scheduler to the calling thread, until Close. It panics if the poller fails.
func (s *Scheduler) RunReady(budget time.Duration) (more bool) {
	s.bind()
	s.failure, s.broken, s.goexit = nil, false, false
	s.stepping, s.firstStep = true, true
	s.until = s.After(budget)
	defer func() { s.stepping = false }()
	s.pollIn, s.quantum = 0, 0
	s.poll(0)
	if s.failure == nil {
		s.drive()
	}
	switch {
	case s.goexit:
		runtime.Goexit()
	case s.failure != nil:
		panic(s.failure)
	}
	return s.runq.n > 0
}

// NextDeadline returns how long nothing will be ready if no event and no post comes: 0 if something is ready now, and
// false if there is no timer. Hub thread only.
func (s *Scheduler) NextDeadline() (wait time.Duration, ok bool) {
	s.mustBeHere("NextDeadline")
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
func (s *Scheduler) Close() (err error) {
	if s.closed {
		return nil
	}
	s.bind()
	s.mail.mu.Lock()
	s.mail.shut = true
	s.mail.mu.Unlock()
	s.failure, s.broken, s.goexit = nil, false, false
	defer func() {
		s.closed = true
		err = s.failure
		if e := s.unbind(); err == nil {
			err = e
		}
	}()
	s.killAll()
	return nil
}

// killAll kills all tasks and runs the loop until the last is gone. What their deferred functions wait for, they get; only
// when that can never come are they killed again, which ends that deferred function and lets the next one run.
func (s *Scheduler) killAll() {
	s.closing = true
	defer func() { s.closing = false }()
	s.killRound(true)
}

// left reports whether killAll has something to do. What was posted in time runs, too, if nothing can be posted after it.
func (s *Scheduler) left() bool { return s.live > 0 || s.mail.shut && s.mail.full.Load() }

func (s *Scheduler) killRound(first bool) {
	defer func() {
		if s.left() { // also if a Goexit in the loop, on the host's own stack, has ended this round
			s.killRound(false)
		}
	}()
	for t := s.newest; t != nil; {
		older := t.older
		switch _, post := t.body.(posted); {
		case t.dying || t.killing || first && t.killed: // it would be a second kill, for what a deferred function waits for
		case post && !t.started():
			t.killing = true // whoever posted it was told that it would run
		default:
			s.Kill(t)
		}
		t = older
	}
	if s.left() {
		s.drive()
	}
}
