package eventlog_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A log is in a scheduler once: twice would be each event twice.
func TestLogTwiceInOneScheduler(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		log := eventlog.New(eventlog.Config{})
		remove := s.AddHooks(log.Hooks())
		require.PanicsWithValue(t, "eventlog: this Log has its hooks in this scheduler already", func() { s.AddHooks(log.Hooks()) })
		s.Yield()
		require.Equal(t, 2, log.Len(), "once each")
		remove()
		defer s.AddHooks(log.Hooks())()
	})
}

// A talkingReason writes into the log when it is asked for its text or its holders.
type talkingReason struct {
	log   *eventlog.Log
	quiet bool
}

func (r *talkingReason) String() string { r.note("asked for the text"); return "a talker" }
func (r *talkingReason) Holders() []*sched.Task {
	r.note("asked for the holders")
	return nil
}

func (r *talkingReason) note(text string) {
	if !r.quiet {
		r.log.Note(text)
	}
}

// What a reason does to the log when it is asked for its text does not damage the event that is being written.
func TestReasonThatWritesIntoTheLog(t *testing.T) {
	for _, size := range []int{1, 2, 64} {
		schedtest.Run(t, func(s *schedtest.Sim) {
			log := eventlog.New(eventlog.Config{Size: size})
			defer s.AddHooks(log.Hooks())()
			why := &talkingReason{log: log}
			record := func() *eventlog.Recording {
				why.quiet = true
				defer func() { why.quiet = false }()
				return log.Recording()
			}
			task := s.Go("waits", func() { _ = s.Park(why) })
			var at *eventlog.Recording
			remove := s.AddHooks(&sched.Hooks{Parked: func(*sched.Task) { at = record() }})
			s.Yield()
			remove()
			last := at.Events[len(at.Events)-1]
			require.Equal(t, eventlog.Park, last.Kind, size)
			require.Equal(t, "a talker", last.Text)
			s.Ready(task)
			r := record()
			last = r.Events[len(r.Events)-1]
			require.Equal(t, eventlog.Ready, last.Kind)
			require.Equal(t, "a talker", last.Text)
			s.Yield()
		})
	}
}

type manyHolders struct{ tasks []*sched.Task }

func (manyHolders) String() string           { return "a pool" }
func (m manyHolders) Holders() []*sched.Task { return m.tasks }

// A pool of thousands, for which thousands wait, does not fill the memory.
func TestHoldersAreBounded(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		log := eventlog.New(eventlog.Config{})
		defer s.AddHooks(log.Hooks())()
		var pool manyHolders
		for range 1000 {
			pool.tasks = append(pool.tasks, s.Go("", func() { _ = s.Sleep(time.Second) }))
		}
		waiter := s.Go("waiter", func() { _ = s.Park(pool) })
		s.Settle()
		r := log.Recording()
		end := r.State(len(r.Events))
		require.Len(t, end.Parked[waiter.ID()].Holders, 16)
		log.Reset()
		require.Len(t, log.Recording().State(0).Parked[waiter.ID()].Holders, 16)
		s.Ready(waiter)
		_ = s.Sleep(time.Minute)
	})
}

type brokenReason struct{}

func (brokenReason) String() string         { panic("no text") }
func (brokenReason) Holders() []*sched.Task { panic("no holders") }

type brokenError struct{}

func (brokenError) Error() string { panic("no text") }

// Texts that panic cost their text, and neither the event nor the program.
func TestTextsThatPanic(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	var reports []string
	s := sched.New(sched.Config{Hooks: log.Hooks(), Clock: new(schedtest.Clock), OnPanic: func(_ *sched.Task, p *sched.PanicError) {
		reports = append(reports, p.Error())
	}})
	require.NoError(t, s.Run(func() {
		task := s.Spawn("broken", func() { _ = s.Park(brokenReason{}) })
		s.Yield()
		log.Recording()
		s.Ready(task)
		s.Yield()
		s.Throw(s.Spawn("thrown", func() {}), brokenError{})
	}))
	require.NoError(t, s.Close())
	require.Empty(t, reports)
	r := log.Recording()
	checkEnd(t, r)
	exits := 0
	for _, e := range r.Events {
		if e.Kind == eventlog.Exit && !e.Ran {
			require.Contains(t, e.Text, "PANIC")
			exits++
		}
	}
	require.Equal(t, 1, exits)
}

// checkEnd requires that nothing is left at the end of r.
func checkEnd(t *testing.T, r *eventlog.Recording) {
	t.Helper()
	for _, step := range []int{0, len(r.Events)} {
		st := r.State(step)
		require.Empty(t, st.Live, "step %d", step)
		require.Empty(t, st.Parked)
		require.Empty(t, st.Queue)
		require.Empty(t, st.Delayed)
		require.Zero(t, st.Running)
	}
}

// A park without a reason is a park.
func TestParkWithoutReason(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		task := s.Go("quiet", func() { _ = s.Park(nil) })
		s.Yield()
		log := eventlog.New(eventlog.Config{})
		defer s.AddHooks(log.Hooks())()
		s.Ready(task)
		r := log.Recording()
		require.True(t, r.Events[0].Waited)
		require.Empty(t, r.State(0).Delayed)
		require.Contains(t, r.State(0).Parked, task.ID())
		s.Yield()
	})
}

// The end of a wait that began before the recording is not known before it is moved.
func TestDeadlineMovedOfAnEarlierWait(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		task := s.Go("", func() { _ = s.Sleep(time.Second) })
		s.Yield()
		log := eventlog.New(eventlog.Config{})
		defer s.AddHooks(log.Hooks())()
		s.SetTimeout(task, time.Hour)
		r := log.Recording()
		require.Equal(t, sched.Never, r.State(0).Parked[task.ID()].Deadline)
		require.Equal(t, time.Hour, r.State(1).Parked[task.ID()].Deadline)
		_ = task.Join()
	})
}

// A Goexit in a timer function ends the task on whose stack the loop ran: it had the CPU.
func TestGoexitInTheLoop(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := sched.New(sched.Config{Hooks: log.Hooks(), Clock: new(schedtest.Clock)})
		_ = s.Run(func() {
			s.StartTimer(sched.NewTimer(runtime.Goexit), 0)
			s.Spawn("bystander", func() { _ = s.Park(sched.Why("nothing")) })
			_ = s.Park(sched.Why("nothing"))
		})
	}()
	<-done
	r := log.Recording()
	checkEnd(t, r)
	for _, e := range r.Events {
		if e.Kind == eventlog.Exit {
			require.True(t, e.Ran, e)
		}
	}
}

// A task whose delay began before the recording starts in it.
func TestTextOfADelayedTaskOfBefore(t *testing.T) {
	var out bytes.Buffer
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.StartLater(new(sched.Task), "later", sched.Func(func() {}), time.Second)
		log := eventlog.New(eventlog.Config{})
		defer s.AddHooks(log.Hooks())()
		_ = s.Sleep(time.Minute)
		require.NoError(t, log.Recording().WriteText(&out, eventlog.TextOptions{}))
	})
	require.Equal(t, 1, strings.Count(out.String(), "starts"), out.String())
}

type fullWriter struct{ calls int }

var errFull = errors.New("full")

func (w *fullWriter) Write([]byte) (int, error) { w.calls++; return 0, errFull }

// Every writer tells of an error at once, and copes with nothing.
func TestWritersFailAndCopeWithNothing(t *testing.T) {
	full := record(t, eventlog.Config{}, func(s *schedtest.Sim, l *eventlog.Log) {
		for range 2000 {
			l.Note("a remark")
			s.Yield()
		}
	})
	for name, write := range map[string]func(r *eventlog.Recording, w io.Writer) error{
		"text": func(r *eventlog.Recording, w io.Writer) error { return r.WriteText(w, eventlog.TextOptions{}) },
		"fold": func(r *eventlog.Recording, w io.Writer) error {
			return r.WriteText(w, eventlog.TextOptions{Fold: true})
		},
		"tree":  func(r *eventlog.Recording, w io.Writer) error { return r.WriteTree(w, 0) },
		"dot":   func(r *eventlog.Recording, w io.Writer) error { return r.WriteDOT(w, 0) },
		"trace": func(r *eventlog.Recording, w io.Writer) error { return r.WriteTrace(w) },
		"html":  func(r *eventlog.Recording, w io.Writer) error { return r.WriteHTML(w, eventlog.HTMLOptions{}) },
	} {
		require.NoError(t, write(eventlog.New(eventlog.Config{}).Recording(), io.Discard), name)
		w := new(fullWriter)
		require.ErrorIs(t, write(full, w), errFull, name)
		require.Equal(t, 1, w.calls, name)
	}
}
