package eventlog_test

import (
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

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
