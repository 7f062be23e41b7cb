package eventlog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

func treeOf(t require.TestingT, r *eventlog.Recording, step int) string {
	var b strings.Builder
	require.NoError(t, r.WriteTree(&b, step))
	return b.String()
}

func dotOf(t require.TestingT, r *eventlog.Recording, step int) string {
	var b strings.Builder
	require.NoError(t, r.WriteDOT(&b, step))
	return b.String()
}

func TestTreeOfEachState(t *testing.T) {
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, l *eventlog.Log) {
		m := &holdable{name: "a \"lock\"\\"}
		m.lock(s.Scheduler)
		parent := s.Go("parent", func() {
			child := s.Go("child", func() { m.lock(s.Scheduler); m.unlock() })
			s.Go("", func() { s.Yield() })
			_ = child.Join()
		})
		late := new(sched.Task)
		s.StartLater(late, "late", sched.Func(func() {}), time.Minute)
		s.Yield()
		s.Yield()
		l.Note("look")
		_ = s.Sleep(time.Second)
		m.unlock()
		_ = parent.Join()
		_ = late.Join()
	})
	look := 0
	for i, e := range r.Events {
		if e.Kind == eventlog.Note {
			look = i + 1
		}
	}
	require.Equal(t, `step 17 of 43, at 0s: main (task 1) runs
main (task 1) runs
  parent (task 2) waits for join of child (task 4), since 0s
    child (task 4) waits for a "lock"\, since 0s, held by main (task 1)
    task 5 is ready, number 1 in the run queue
  late (task 3) starts at 1m0s
`, treeOf(t, r, look))
	require.Equal(t, `digraph waits {
	node [shape=box];
	2 [label="parent (task 2)"];
	4 [label="child (task 4)"];
	2 -> 4 [label="join of child (task 4)"];
	1 [label="main (task 1)"];
	4 -> 1 [label="a \"lock\"\\"];
}
`, dotOf(t, r, look))
	require.Equal(t, "step 0 of 43, at 0s: nobody is ready\n", treeOf(t, r, 0))
	require.Equal(t, "step 43 of 43, at 1m0s: nobody is ready\n", treeOf(t, r, len(r.Events)))
	beyond := func() { treeOf(t, r, len(r.Events)+1) }
	require.PanicsWithValue(t, "eventlog: step 44 of a recording of 43 events", beyond)
	require.PanicsWithValue(t, "eventlog: step -1 of a recording of 43 events", func() { dotOf(t, r, -1) })
}

// Who waited before the recording began is said to have.
func TestTreeOfAWaitFromBefore(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		waiter := s.Go("waiter", func() { _ = s.Sleep(time.Second) })
		s.Yield()
		log := eventlog.New(eventlog.Config{})
		defer s.AddHooks(log.Hooks())()
		require.Contains(t, treeOf(t, log.Recording(), 0), "waiter (task 2) waits for sleep, since before the recording, until 1s\n")
		_ = waiter.Join()
	})
}

// The cycles of a deadlock are those that the scheduler itself reports, and red in the graph.
func TestCyclesAreTheSchedulers(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	s := virtual(log.Hooks())
	err := s.Run(func() {
		a, b := &holdable{name: "a"}, &holdable{name: "b"}
		a.lock(s)
		s.Spawn("other", func() { b.lock(s); a.lock(s) })
		s.Yield()
		b.lock(s)
	})
	require.NoError(t, s.Close())
	var dead *sched.DeadlockError
	require.ErrorAs(t, err, &dead)
	require.NotEmpty(t, dead.Cycles)
	r := log.Recording()
	step := 0
	for i, e := range r.Events {
		if e.Kind == eventlog.Park {
			step = i + 1
		}
	}
	require.Contains(t, treeOf(t, r, step), "cycle: "+dead.CycleText(dead.Cycles[0])+"\n")
	require.Contains(t, dotOf(t, r, step), `1 [label="main (task 1)", color=red];`)
}

// Each task that lives has its line at each step, and only these.
func TestTreesOfPrograms(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		run := runLogged(logPrograms().Draw(rt, "program"), 16)
		r := run.part.Recording()
		for st := range r.States() {
			lines := 0
			for line := range strings.Lines(treeOf(rt, r, st.Step)) {
				if !strings.HasPrefix(line, "cycle: ") {
					lines++
				}
			}
			require.Equal(rt, len(st.Live)+1, lines)
			dotOf(rt, r, st.Step)
		}
	})
}
