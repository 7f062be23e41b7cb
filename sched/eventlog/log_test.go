package eventlog_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// record runs main under virtual time and returns what a log of that size has of it.
func record(t *testing.T, c eventlog.Config, main func(s *schedtest.Sim, l *eventlog.Log)) *eventlog.Recording {
	t.Helper()
	l := eventlog.New(c)
	schedtest.RunConfig(t, schedtest.Config{Hooks: l.Hooks()}, func(s *schedtest.Sim) { main(s, l) })
	return l.Recording()
}

func kinds(r *eventlog.Recording) (all []eventlog.Kind) {
	for _, e := range r.Events {
		all = append(all, e.Kind)
	}
	return all
}

func TestEventsOfASleep(t *testing.T) {
	r := record(t, eventlog.Config{Lines: true}, func(s *schedtest.Sim, l *eventlog.Log) {
		task := s.Spawn("worker", func() {
			l.Note("works")
			_ = s.Sleep(time.Second)
		})
		_ = task.Join()
	})
	r.Events = slices.DeleteFunc(r.Events, func(e eventlog.Event) bool {
		return e.Kind == eventlog.PollBegin || e.Kind == eventlog.PollEnd
	})
	require.Equal(t, []eventlog.Kind{
		eventlog.Spawn, eventlog.Switch, // main
		eventlog.Spawn, eventlog.Park, eventlog.Switch,
		eventlog.Note, eventlog.Park, eventlog.Ready, eventlog.Switch,
		eventlog.Exit, eventlog.Ready, eventlog.Switch,
		eventlog.Exit, eventlog.Switch,
	}, kinds(r))
	join, sleep, woken := r.Events[3], r.Events[6], r.Events[7]
	require.Equal(t, "join of worker (task 2)", join.Text)
	require.Equal(t, []uint64{2}, join.Holders)
	require.Equal(t, "log_test.go", sleep.Line.String()[:11])
	require.Equal(t, "sleep", sleep.Text)
	require.Equal(t, time.Second, sleep.Deadline)
	require.Equal(t, time.Second, woken.At)
	require.Zero(t, woken.Other, "by the loop")
	require.Equal(t, "sleep", woken.Text)
	worker, ok := r.Task(2)
	require.True(t, ok)
	require.Equal(t, "worker", worker.Name)
	require.Equal(t, uint64(1), worker.Parent)
	require.Contains(t, worker.Site.Function, "TestEventsOfASleep")
}

// What a small ring has lost does not make the states of the rest wrong.
func TestStatesAfterALoss(t *testing.T) {
	program := func(s *schedtest.Sim, _ *eventlog.Log) {
		var q sched.WaitQueue
		timer := sched.NewTimer(func() { q.WakeAll() })
		for range 5 {
			s.Spawn("", func() {
				for range 10 {
					_ = q.Wait(s.Scheduler, sched.Why("a turn"))
					s.Yield()
				}
			})
		}
		for range 30 {
			s.StartTimer(timer, s.After(time.Second))
			_ = s.Sleep(3 * time.Second)
		}
	}
	whole := record(t, eventlog.Config{}, program)
	part := record(t, eventlog.Config{Size: 256}, program)
	require.Len(t, part.Events, 256)
	require.Equal(t, uint64(len(whole.Events)-256), part.Lost)
	offset := int(part.Lost)
	for step := range 257 {
		want, got := whole.State(offset+step), part.State(step)
		require.Equal(t, want.Running, got.Running)
		require.Equal(t, want.Queue, got.Queue, "step %d", step)
		require.Equal(t, want.Live, got.Live)
		require.ElementsMatch(t, slices.Collect(keys(want.Parked)), slices.Collect(keys(got.Parked)))
	}
}

func keys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
