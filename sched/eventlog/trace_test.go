package eventlog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A traceRecord is one of a trace that was read back.
type traceRecord struct {
	Ph, Name, Cat, Bp, S string
	Ts                   json.Number
	Pid, Tid             *uint64
	ID                   int
	Args                 map[string]any
}

func readTrace(t require.TestingT, r *eventlog.Recording) []traceRecord {
	var out bytes.Buffer
	require.NoError(t, r.WriteTrace(&out))
	var file struct {
		DisplayTimeUnit string
		TraceEvents     []traceRecord
	}
	dec := json.NewDecoder(&out)
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&file))
	return file.TraceEvents
}

// nanoseconds returns the time of a record, which has three digits behind the point.
func (r traceRecord) nanoseconds(t require.TestingT) int64 {
	var whole int64
	var frac string
	_, err := fmt.Sscanf(r.Ts.String(), "%d.%s", &whole, &frac)
	require.NoError(t, err)
	require.Len(t, frac, 3)
	ns := math.Round(must(r.Ts.Float64()) * 1000)
	return int64(ns)
}

func must(v float64, err error) float64 {
	if err != nil {
		panic(err)
	}
	return v
}

// checkTrace checks the rules of the format: slices of a track nest and are closed, none before it began; times are in
// order; each arrow begins once and ends once, each time inside a slice of its track; each track has one name and one
// place.
func checkTrace(t require.TestingT, all []traceRecord) {
	names, places := map[uint64]int{}, map[uint64]int{}
	open := map[uint64][]int64{}
	began, ended := map[int]traceRecord{}, map[int]bool{}
	used := map[uint64]bool{}
	last := int64(math.MinInt64)
	for i, r := range all {
		require.NotNil(t, r.Pid)
		require.NotNil(t, r.Tid)
		require.EqualValues(t, 1, *r.Pid)
		tid, now := *r.Tid, r.nanoseconds(t)
		require.NotZero(t, tid, "the idle thread")
		require.GreaterOrEqual(t, now, last, "record %d", i)
		last = now
		used[tid] = true
		switch r.Ph {
		case "M":
			switch r.Name {
			case "thread_name":
				names[tid]++
				require.NotEmpty(t, r.Args["name"])
			case "thread_sort_index":
				places[tid]++
			default:
				require.Equal(t, "process_name", r.Name)
			}
		case "B":
			require.NotEmpty(t, r.Name)
			require.Contains(t, []string{"running", "ready", "waiting", "poll", "host", "control"}, r.Cat)
			open[tid] = append(open[tid], now)
		case "E":
			require.Empty(t, r.Args, "they would hide those of the beginning")
			require.NotEmpty(t, open[tid], "record %d closes what is not open", i)
			open[tid] = open[tid][:len(open[tid])-1]
		case "i":
			require.NotEmpty(t, r.Name)
			require.Equal(t, "t", r.S)
		case "C":
			require.Len(t, r.Args, 1)
			for _, v := range r.Args {
				require.GreaterOrEqual(t, v, 0.0)
			}
		case "s":
			require.NotContains(t, began, r.ID)
			require.NotEmpty(t, open[tid], "arrow %d comes from nowhere", r.ID)
			began[r.ID] = r
		case "f":
			s, ok := began[r.ID]
			require.True(t, ok)
			require.False(t, ended[r.ID])
			ended[r.ID] = true
			require.Equal(t, [2]string{s.Name, s.Cat}, [2]string{r.Name, r.Cat})
			require.Equal(t, "e", r.Bp)
			require.NotEmpty(t, open[tid], "arrow %d leads nowhere", r.ID)
			require.NotEqual(t, *s.Tid, tid)
		default:
			require.Fail(t, "phase", r.Ph)
		}
	}
	for tid, left := range open {
		require.Empty(t, left, "track %d", tid)
	}
	require.Len(t, ended, len(began))
	for tid := range used {
		require.Equal(t, 1, names[tid], "names of track %d", tid)
		require.Equal(t, 1, places[tid])
	}
}

// happening is what a trace has of an event.
type happening struct {
	Step int
	Kind string
	Task uint64
}

func happenings(all []traceRecord) (found []happening) {
	for _, r := range all {
		if step, ok := r.Args["step"]; ok {
			found = append(found, happening{int(step.(float64)), r.Args["kind"].(string), uint64(r.Args["task"].(float64))})
		}
	}
	return found
}

func checkTraceOf(t require.TestingT, r *eventlog.Recording) []traceRecord {
	all := readTrace(t, r)
	checkTrace(t, all)
	var want []happening
	for i, e := range r.Events {
		want = append(want, happening{i + 1, e.Kind.String(), e.Task})
	}
	require.Equal(t, want, happenings(all), "each event once, in order")
	return all
}

func TestTracesOfPrograms(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		run := runLogged(logPrograms().Draw(rt, "program"), 1<<rapid.IntRange(0, 6).Draw(rt, "size"))
		checkTraceOf(rt, run.whole.Recording())
		checkTraceOf(rt, run.part.Recording())
	})
}

func TestTraceOfAnEmptyRecording(t *testing.T) {
	checkTraceOf(t, eventlog.New(eventlog.Config{}).Recording())
}

// The slices say how long each task was in each state, the arrows who woke whom.
func TestTraceTellsWhoWaitedForWhat(t *testing.T) {
	r := record(t, eventlog.Config{Lines: true}, func(s *schedtest.Sim, l *eventlog.Log) {
		m := &holdable{name: "lock \"</script>\u2028"}
		m.lock(s.Scheduler)
		task := s.Go("wor\"ker", func() {
			m.lock(s.Scheduler)
			l.Note("it's \x00 mine")
			m.unlock()
		})
		_ = s.Sleep(1500 * time.Nanosecond)
		m.unlock()
		_ = task.Join()
	})
	all := checkTraceOf(t, r)
	var waits, runs, flows, notes []string
	from := map[uint64]traceRecord{}
	for _, e := range all {
		switch e.Ph {
		case "B":
			from[*e.Tid] = e
		case "E":
			b := from[*e.Tid]
			took := e.nanoseconds(t) - b.nanoseconds(t)
			if b.Cat == "waiting" {
				waits = append(waits, fmt.Sprintf("%d %s %d %v", *e.Tid, b.Name, took, b.Args["held by"]))
				require.Contains(t, b.Args["line"], ".go:")
			}
			if b.Cat == "running" {
				runs = append(runs, fmt.Sprint(*e.Tid))
			}
		case "s", "f":
			flows = append(flows, fmt.Sprint(e.Ph, *e.Tid, e.Name))
		case "i":
			if e.Args["kind"] == "note" {
				notes = append(notes, e.Name)
			}
		}
	}
	require.Equal(t, []string{
		"1 sleep 1500 <nil>", "2 lock \"</script>\u2028 1500 [main (task 1)]",
		"1 join of wor\"ker (task 2) 0 [wor\"ker (task 2)]",
	}, waits)
	require.Equal(t, []string{"1", "2", "1", "2", "1"}, runs)
	require.Equal(t, []string{"s1spawns", "f2spawns", "s1wakes", "f2wakes", "s2wakes", "f1wakes"}, flows)
	require.Equal(t, []string{"it's \x00 mine"}, notes)
}

// What fails to be written is told.
func TestTraceToAWriterThatFails(t *testing.T) {
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, _ *eventlog.Log) { s.Yield() })
	require.ErrorIs(t, r.WriteTrace(failingWriter{}), errWriter)
	require.ErrorIs(t, r.WriteText(failingWriter{}, eventlog.TextOptions{}), errWriter)
	require.ErrorIs(t, r.WriteTree(failingWriter{}, 0), errWriter)
	require.ErrorIs(t, r.WriteDOT(failingWriter{}, 0), errWriter)
}
