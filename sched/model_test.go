package sched_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// A program is a table of scripts. Task 0 follows script 0, further ones are spawned by steps. It is run twice: by the
// scheduler, on coroutines, and by the model below, which knows neither stacks nor lists nor heaps; both must say the same
// in the same order.
type program []script

type script struct{ body, deferred []step }

type step struct {
	op  string
	arg int // a task, a queue or a script, modulo how many there are
	d   int // a duration
}

func (st step) String() string { return fmt.Sprintf("%s(%d,%d)", st.op, st.arg, st.d) }

var ops = []string{
	"yield", "sleep", "park", "parkUntil", "wait", "waitUntil", "wake", "wakeAll", "ready", "ready",
	"kill", "throw", "setTimeout", "spawn", "spawn", "later", "join", "joinUntil",
}

const maxTasks, queues = 12, 3

func programs() *rapid.Generator[program] {
	one := rapid.Custom(func(t *rapid.T) step {
		return step{rapid.SampledFrom(ops).Draw(t, "op"), rapid.IntRange(0, maxTasks-1).Draw(t, "arg"), rapid.IntRange(0, 3).Draw(t, "d")}
	})
	return rapid.Custom(func(t *rapid.T) program {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) script {
			return script{
				rapid.SliceOfN(one, 0, 10).Draw(t, "body"),
				rapid.SliceOfN(one, 0, 2).Draw(t, "deferred"),
			}
		}), 1, 5).Draw(t, "program")
	})
}

func TestProgramsAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := programs().Draw(rt, "program")
		m := &model{program: p}
		m.spawn(0)
		m.runUntil(1000)
		want := m.String()
		got := ""
		err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
			s.AllowLeftovers()
			r := &real{Sim: s, program: p}
			r.spawn(0, -1)
			s.AdvanceTo(1000)
			got = r.String()
		})
		require.NoError(rt, err)
		require.Equal(rt, want, got)
	})
}

// real runs a program on the scheduler.
type real struct {
	*schedtest.Sim
	program program
	tasks   []*sched.Task
	q       [queues]sched.WaitQueue
}

func (r *real) spawn(arg int, delay time.Duration) {
	id, sc := len(r.tasks), r.program[arg%len(r.program)]
	if id == maxTasks {
		return
	}
	task := new(sched.Task)
	r.tasks = append(r.tasks, task)
	body := sched.Func(func() {
		defer r.follow(id, "d", sc.deferred)
		r.follow(id, "", sc.body)
	})
	if delay < 0 {
		r.Start(task, "", body)
	} else {
		r.StartLater(task, "", body, delay)
	}
}

func (r *real) follow(id int, mark string, steps []step) {
	for i, st := range steps {
		r.Tracef("%d.%s%d %s=%s", id, mark, i, st.op, r.do(st, id))
	}
	r.Tracef("%d%s end", id, mark)
}

func (r *real) do(st step, self int) string {
	task, q, d := r.tasks[st.arg%len(r.tasks)], &r.q[st.arg%queues], time.Duration(st.d)
	why := sched.Why(st.op)
	switch st.op {
	case "yield":
		r.Yield()
	case "sleep":
		return short(r.Sleep(d))
	case "park":
		return short(r.Park(why))
	case "parkUntil":
		return short(r.ParkUntil(why, r.Now()+d))
	case "wait":
		return short(q.Wait(r.Scheduler, why))
	case "waitUntil":
		return short(q.WaitUntil(r.Scheduler, why, r.Now()+d))
	case "wake":
		return fmt.Sprint(q.Wake() != nil)
	case "wakeAll":
		return fmt.Sprint(q.WakeAll())
	case "ready":
		return fmt.Sprint(r.Ready(task))
	case "kill":
		r.Kill(task)
	case "throw":
		r.Throw(task, errThrown)
	case "setTimeout":
		r.SetTimeout(task, r.Now()+d+1) // not due at once: when within a pass that fires, depends on its length
	case "spawn":
		r.spawn(st.arg, -1)
	case "later":
		r.spawn(st.arg, d+1)
	case "join":
		if st.arg%len(r.tasks) != self {
			return short(task.Join())
		}
	case "joinUntil":
		if st.arg%len(r.tasks) != self {
			return short(task.JoinUntil(r.Now() + d))
		}
	}
	return ""
}

func (r *real) String() string {
	var b strings.Builder
	for _, line := range r.Trace() {
		fmt.Fprintln(&b, line)
	}
	for i, task := range r.tasks {
		fmt.Fprintln(&b, i, task.State(), short(task.Err()))
	}
	return b.String()
}

// model runs a program step by step.
type model struct {
	program program
	tasks   []*modelTask
	now     int
	runq    []*modelTask
	q       [queues][]*modelTask
	timers  []*modelTask // armed, in this order
	trace   strings.Builder
}

type modelTask struct {
	id                      int
	sc                      script
	state                   sched.State
	started, inDefer        bool
	pc                      int
	killing, dying, killed  bool // to come at the next wait, at its next turn, has come
	thrown, result, outcome error
	resume                  func() string // what the pending step says when the task goes on
	at                      int           // its timer's deadline
	joiners                 []*modelTask
}

func (m *model) spawn(arg int) *modelTask {
	if len(m.tasks) == maxTasks {
		return nil
	}
	t := &modelTask{id: len(m.tasks), sc: m.program[arg%len(m.program)], state: sched.Ready}
	m.tasks = append(m.tasks, t)
	m.runq = append(m.runq, t)
	return t
}

func remove(list *[]*modelTask, t *modelTask) {
	*list = slices.DeleteFunc(*list, func(o *modelTask) bool { return o == t })
}

// detach takes t out of wherever it waits.
func (m *model) detach(t *modelTask) {
	for i := range m.q {
		remove(&m.q[i], t)
	}
	for _, o := range m.tasks {
		remove(&o.joiners, t)
	}
	remove(&m.timers, t)
}

func (m *model) wake(t *modelTask, err error) {
	m.detach(t)
	t.result, t.state = err, sched.Ready
	m.runq = append(m.runq, t)
}

func (m *model) arm(t *modelTask, at int) {
	remove(&m.timers, t)
	t.at = at
	m.timers = append(m.timers, t)
}

// runUntil runs what is ready, then lets the time jump, and so on.
func (m *model) runUntil(limit int) {
	for {
		for len(m.runq) > 0 {
			t := m.runq[0]
			m.runq = m.runq[1:]
			m.run(t)
		}
		next := limit + 1
		for _, t := range m.timers {
			next = min(next, t.at)
		}
		if next > limit {
			return
		}
		m.now = max(m.now, next)
		due := slices.DeleteFunc(slices.Clone(m.timers), func(t *modelTask) bool { return t.at > m.now })
		slices.SortStableFunc(due, func(a, b *modelTask) int { return a.at - b.at })
		for _, t := range due {
			m.wake(t, sched.ErrTimeout) // for a delayed one that is its start
		}
	}
}

// run lets t go on until it gives up the CPU.
func (m *model) run(t *modelTask) {
	t.state, t.started = sched.Running, true
	for {
		if t.resume != nil {
			say := t.resume
			t.resume = nil
			if t.dying {
				t.dying = false
				if m.die(t) {
					return
				}
				continue
			}
			switch text := say(); text {
			case "parks":
				return
			case "dies":
				if m.die(t) {
					return
				}
				continue
			case "said":
			default:
				m.said(t, text)
			}
		}
		steps := t.sc.body
		if t.inDefer {
			steps = t.sc.deferred
		}
		if t.pc == len(steps) {
			fmt.Fprintf(&m.trace, "%d%s end\n", t.id, t.mark())
			if t.inDefer {
				m.finish(t, t.outcomeAtEnd())
				return
			}
			t.inDefer, t.pc = true, 0
			continue
		}
		st := steps[t.pc]
		t.pc++
		switch m.do(t, st) {
		case parks:
			return
		case dies:
			if m.die(t) {
				return
			}
		}
	}
}

func (t *modelTask) mark() string {
	if t.inDefer {
		return "d"
	}
	return ""
}

func (t *modelTask) outcomeAtEnd() error {
	if t.killed {
		return sched.ErrKilled
	}
	return nil
}

// die is a Goexit: the deferred function runs, or ends. It reports whether t is done.
func (m *model) die(t *modelTask) bool {
	t.killed = true
	if t.inDefer {
		m.finish(t, sched.ErrKilled)
		return true
	}
	t.inDefer, t.pc = true, 0
	return false
}

func (m *model) finish(t *modelTask, err error) {
	m.detach(t)
	remove(&m.runq, t)
	t.state, t.outcome = sched.Done, err
	for _, j := range slices.Clone(t.joiners) {
		m.wake(j, nil)
	}
}

// said notes how a step ended; t.pc is already behind it.
func (m *model) said(t *modelTask, text string) {
	steps := t.sc.body
	if t.inDefer {
		steps = t.sc.deferred
	}
	fmt.Fprintf(&m.trace, "%d.%s%d %s=%s\n", t.id, t.mark(), t.pc-1, steps[t.pc-1].op, text)
}

type then int

const (
	goesOn then = iota
	parks
	dies
)

func (m *model) do(t *modelTask, st step) then {
	other := m.tasks[st.arg%len(m.tasks)]
	q := &m.q[st.arg%queues]
	switch st.op {
	case "yield":
		return m.yield(t)
	case "sleep":
		if st.d <= 0 {
			if m.yield(t) == dies {
				return dies
			}
			t.resume = m.afterYield(t, "ok")
			return parks
		}
		at := m.now + st.d
		return m.park(t, nil, at, func() string {
			if t.result == sched.ErrTimeout && m.now >= at {
				return "ok" // else it was cut short by setTimeout
			}
			return short(t.result)
		})
	case "park":
		return m.park(t, nil, -1, nil)
	case "parkUntil":
		return m.park(t, nil, m.now+st.d, nil)
	case "wait":
		return m.park(t, q, -1, nil)
	case "waitUntil":
		return m.park(t, q, m.now+st.d, nil)
	case "join", "joinUntil":
		at := -1
		if st.op == "joinUntil" {
			at = m.now + st.d
		}
		switch {
		case other == t:
			m.said(t, "")
			return goesOn
		case other.state == sched.Done:
			if st.op == "join" {
				m.said(t, short(other.outcome))
			} else {
				m.said(t, "ok")
			}
			return goesOn
		}
		var say func() string
		say = func() string {
			switch {
			case t.result == nil && other.state != sched.Done: // a Ready that was meant for another wait
				return [...]string{goesOn: "said", parks: "parks", dies: "dies"}[m.park(t, &other.joiners, at, say)]
			case t.result == nil && st.op == "join":
				return short(other.outcome)
			}
			return short(t.result)
		}
		return m.park(t, &other.joiners, at, say)
	}
	if st.op == "kill" && other == t {
		t.thrown = nil
		return dies
	}
	m.said(t, m.act(other, st, q))
	return goesOn
}

func (m *model) yield(t *modelTask) then {
	if t.killing {
		t.killing = false
		return dies
	}
	t.state = sched.Ready
	m.runq = append(m.runq, t)
	t.resume = m.afterYield(t, "")
	return parks
}

func (m *model) afterYield(t *modelTask, text string) func() string {
	return func() string {
		if t.killing {
			t.killing = false
			return "dies"
		}
		return text
	}
}

func (m *model) park(t *modelTask, q *[]*modelTask, at int, say func() string) then {
	switch {
	case t.killing:
		t.killing = false
		return dies
	case t.thrown != nil:
		t.thrown = nil
		m.said(t, short(errThrown))
		return goesOn
	case at >= 0 && at <= m.now:
		m.said(t, short(sched.ErrTimeout))
		return goesOn
	}
	t.state = sched.Parked
	if q != nil {
		*q = append(*q, t)
	}
	if at >= 0 {
		m.arm(t, at)
	}
	t.resume = say
	if say == nil {
		t.resume = func() string { return short(t.result) }
	}
	return parks
}

// act is a step that does not wait.
func (m *model) act(other *modelTask, st step, q *[]*modelTask) string {
	switch st.op {
	case "wake":
		if len(*q) == 0 {
			return "false"
		}
		m.wake((*q)[0], nil)
		return "true"
	case "wakeAll":
		n := len(*q)
		for range n {
			m.wake((*q)[0], nil)
		}
		return fmt.Sprint(n)
	case "ready":
		if other.state != sched.Parked {
			return "false"
		}
		m.wake(other, nil)
		return "true"
	case "kill":
		m.kill(other)
	case "throw":
		switch {
		case other.state == sched.Done:
		case !other.started:
			m.finish(other, errThrown)
		case other.state == sched.Parked:
			m.wake(other, errThrown)
		default:
			other.thrown = errThrown
		}
	case "setTimeout":
		if other.state == sched.Parked {
			m.arm(other, m.now+st.d+1)
		}
	case "spawn":
		m.spawn(st.arg)
	case "later":
		if t := m.spawn(st.arg); t != nil {
			remove(&m.runq, t)
			t.state = sched.Delayed
			m.arm(t, m.now+st.d+1)
		}
	}
	return ""
}

func (m *model) kill(t *modelTask) {
	t.thrown = nil
	switch {
	case t.state == sched.Done:
	case !t.started:
		m.finish(t, sched.ErrKilled)
	case t.state == sched.Parked:
		t.dying = true
		m.wake(t, nil)
	default:
		t.killing = true // if it never waits again, it was not killed
	}
}

func (m *model) String() string {
	b := strings.Clone(m.trace.String())
	for i, t := range m.tasks {
		b += fmt.Sprintln(i, t.state, short(t.outcome))
	}
	return b
}
