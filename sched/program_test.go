package sched_test

import (
	"fmt"
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
