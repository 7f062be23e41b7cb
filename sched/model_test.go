package sched_test

import (
	"fmt"
	"slices"
	"strings"

	"greenloop/sched"
)

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
