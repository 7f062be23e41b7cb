package eventlog_test

import (
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// here returns the line of its caller.
func here() int {
	_, _, line, _ := runtime.Caller(1)
	return line
}

// giveWay is small enough to be inlined.
func giveWay(s *sched.Scheduler) { s.Yield() }

// The line of an event is the innermost that the user wrote: in what calls on behalf of packages of ours, or of the
// standard library's, and in a function that was inlined.
func TestLinesAreTheUsers(t *testing.T) {
	var lines []int
	r := record(t, eventlog.Config{Lines: true}, func(s *schedtest.Sim, _ *eventlog.Log) {
		lines = append(lines, here()+1)
		s.Yield()
		lines = append(lines, here()+1)
		s.Settle() // schedtest parks
		slices.SortFunc([]int{2, 1}, func(a, b int) int {
			lines = append(lines, here()+1)
			s.Yield()
			return a - b
		})
		giveWay(s.Scheduler)
		_ = slices.IndexFunc([]int{1}, func(int) bool { giveWay(s.Scheduler); return true })
	})
	var got []int
	for _, e := range r.Events {
		if e.Kind == eventlog.Yield || e.Kind == eventlog.Park {
			require.Contains(t, e.Line.String(), "lines_test.go:")
			require.Contains(t, e.Line.Function, "eventlog_test.")
			got = append(got, e.Line.Line)
		}
	}
	require.Len(t, got, 5)
	require.Equal(t, lines[:3], got[:3])
	require.Equal(t, got[3], got[4], "the line in giveWay")
	require.Equal(t, "", eventlog.Line{}.String())
}

// Without Config.Lines there are none.
func TestNoLines(t *testing.T) {
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, _ *eventlog.Log) { s.Yield() })
	for _, e := range r.Events {
		require.Zero(t, e.Line)
	}
}

// What is told of the running task has the line at which it does it; what the loop does has none.
func TestLinesOfWhatATaskDoes(t *testing.T) {
	want := map[eventlog.Kind]int{}
	timer := sched.NewTimer(func() {})
	r := record(t, eventlog.Config{Lines: true}, func(s *schedtest.Sim, l *eventlog.Log) {
		want[eventlog.Spawn] = here() + 1
		task := s.Go("waiter", func() { _ = s.Park(sched.Why("a sign")) })
		s.Yield()
		want[eventlog.Deadline] = here() + 1
		s.SetTimeout(task, s.After(1))
		want[eventlog.Ready] = here() + 1
		s.Ready(task)
		want[eventlog.TimerSet] = here() + 1
		s.StartTimer(timer, s.After(1))
		want[eventlog.TimerGone] = here() + 1
		s.StopTimer(timer)
		want[eventlog.Note] = here() + 1
		l.Note("a remark")
		want[eventlog.Pass] = here() + 1
		l.Pass("a", "b") // by no Tracer
		s.Yield()
		s.StartTimer(timer, s.After(1))
		_ = s.Sleep(2)
	})
	seen := map[eventlog.Kind]bool{}
	for _, e := range r.Events {
		if line, told := want[e.Kind]; told && !seen[e.Kind] && (e.Kind != eventlog.Spawn || e.Other != 0) {
			seen[e.Kind] = true
			require.Equal(t, line, e.Line.Line, e.Kind)
		}
		if e.Kind == eventlog.TimerGone || e.Kind == eventlog.TimerSet {
			require.Contains(t, e.Calls.Function, "TestLinesOfWhatATaskDoes.func1")
		}
		if e.Fired || e.Kind == eventlog.Ready && e.Other == 0 || e.Kind == eventlog.Switch || e.Kind == eventlog.PollBegin {
			require.Zero(t, e.Line)
		}
	}
	require.Len(t, seen, len(want))
}

// logged writes a note for its caller.
func logged(l *eventlog.Log, text string) {
	var pcs [1]uintptr
	runtime.Callers(2, pcs[:])
	l.NoteAt(pcs[0], text)
}

func TestNoteAt(t *testing.T) {
	line := 0
	program := func(s *schedtest.Sim, l *eventlog.Log) {
		line = here() + 1
		logged(l, "for its caller")
		l.NoteAt(0, "from nowhere")
	}
	notes := func(c eventlog.Config) []eventlog.Event {
		r := record(t, c, program)
		return slices.DeleteFunc(r.Events, func(e eventlog.Event) bool { return e.Kind != eventlog.Note })
	}
	got := notes(eventlog.Config{Lines: true})
	require.Len(t, got, 2)
	require.Equal(t, line, got[0].Line.Line)
	require.Equal(t, "for its caller", got[0].Text)
	require.Zero(t, got[1].Line)
	require.Zero(t, notes(eventlog.Config{})[0].Line)
	eventlog.New(eventlog.Config{}).NoteAt(0, "into nothing")
}

// A Tracer runs in the greenlet to which control goes: the line of a Pass is that of the Switch that returns then, and not the
// Tracer's own.
func TestLinesOfSwitchesByHand(t *testing.T) {
	var want []int
	names := map[*greenlet.Greenlet]string{}
	r := record(t, eventlog.Config{Lines: true}, func(s *schedtest.Sim, l *eventlog.Log) {
		main := greenlet.Current()
		former := greenlet.SetTrace(func(_ greenlet.Event, from, to *greenlet.Greenlet) { l.Pass(names[from], names[to]) })
		defer func() { greenlet.SetTrace(former) }()
		var back int
		cook := greenlet.New(func(...any) (any, error) {
			back = here() + 1
			_, err := main.Switch()
			return nil, err
		})
		names[main], names[cook] = "main", "cook"
		want = append(want, 0, here()+1) // it starts; main goes on
		_, _ = cook.Switch()
		want = append(want, back, here()+1) // it goes on; it has ended
		_, _ = cook.Switch()
	})
	var got []int
	var ways []string
	for _, e := range r.Events {
		if e.Kind == eventlog.Pass {
			got, ways = append(got, e.Line.Line), append(ways, e.From+" → "+e.To)
			require.Empty(t, e.Text)
		}
	}
	require.Equal(t, []string{"main → cook", "cook → main", "main → cook", "cook → main"}, ways)
	require.Equal(t, want, got)
}
