package eventlog_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A remark of a megabyte, and a host that looks at ten thousand tasks that wait, take the time that they must and not the
// square of it.
func TestTextOfMuch(t *testing.T) {
	t.Run("long", func(t *testing.T) {
		r := record(t, eventlog.Config{}, func(s *schedtest.Sim, l *eventlog.Log) {
			l.Note(strings.Repeat("word ", 1<<20))
			l.Note(strings.Repeat("x", 4<<20))
		})
		require.NoError(t, r.WriteText(io.Discard, eventlog.TextOptions{}))
	})
	t.Run("host", func(t *testing.T) {
		log := eventlog.New(eventlog.Config{})
		clock := new(schedtest.Clock)
		s := sched.New(sched.Config{Clock: clock, Hooks: log.Hooks()})
		for i := range 10_000 {
			s.Spawn(fmt.Sprint("waits ", i), func() { _ = s.Park(sched.Why("nothing")) })
		}
		s.Spawn("ticks", func() {
			for {
				_ = s.Sleep(time.Second)
			}
		})
		for range 16_000 {
			s.RunReady(0)
			clock.Set(s.Now() + time.Second)
		}
		r := log.Recording()
		require.NoError(t, s.Close())
		require.NoError(t, r.WriteText(io.Discard, eventlog.TextOptions{}))
		require.NoError(t, r.WriteTrace(io.Discard))
	})
}

// The cycles of the text are those of the graph, whenever the loop returns to its host.
func TestCyclesOfTheText(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	clock := new(schedtest.Clock)
	s := sched.New(sched.Config{Clock: clock, Hooks: log.Hooks()})
	var a, b *sched.Task
	a = s.Spawn("a", func() { _ = b.Join() })
	b = s.Spawn("b", func() { _ = a.JoinUntil(3 * time.Second); _ = s.Sleep(time.Second); _ = a.Join() })
	s.Spawn("joins, too", func() { _ = a.Join() })
	for range 10 {
		s.RunReady(0)
		clock.Set(s.Now() + time.Second)
	}
	r := log.Recording()
	require.NoError(t, s.Close())
	var text, dot bytes.Buffer
	require.NoError(t, r.WriteText(&text, eventlog.TextOptions{}))
	want := 0
	for i, e := range r.Events {
		if e.Kind == eventlog.Switch && e.Task == 0 && len(r.State(i+1).Queue) == 0 {
			dot.Reset()
			require.NoError(t, r.WriteDOT(&dot, i+1))
			if strings.Contains(dot.String(), "red") {
				want++
			}
		}
	}
	require.Greater(t, want, 1)
	require.Equal(t, want, strings.Count(text.String(), "they wait in a cycle: a → b → a"), text.String())
}

// Who is woken by a timer's function at the very time of its own deadline was not timed out, and the words say so.
func TestTextOfAWakerAtTheDeadline(t *testing.T) {
	for _, byTimer := range []bool{true, false} {
		r := record(t, eventlog.Config{}, func(s *schedtest.Sim, _ *eventlog.Log) {
			var q sched.WaitQueue
			timer := sched.NewTimer(func() {
				if byTimer {
					q.WakeAll()
				}
			})
			s.StartTimer(timer, time.Second)
			err := q.WaitUntil(s.Scheduler, sched.Why("a bun"), time.Second)
			require.Equal(t, byTimer, err == nil)
			require.Equal(t, !byTimer, s.Current().TimedOut())
			timedOut := s.Current()
			s.Go("", func() { require.False(t, s.Current().TimedOut()); s.Ready(timedOut) })
			_ = s.Park(sched.Why("another"))
			require.False(t, timedOut.TimedOut())
		})
		var text bytes.Buffer
		require.NoError(t, r.WriteText(&text, eventlog.TextOptions{}))
		want := 1
		if byTimer {
			want = 0
		}
		require.Equal(t, want, strings.Count(text.String(), "its time is up"), text.String())
	}
}
