package eventlog_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

func TestNoteBeforeAnythingRan(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	log.Note("into nothing")
	require.Zero(t, log.Len())
	require.Empty(t, log.Recording().Events)
	require.Empty(t, log.Recording().State(0).Live)
	s := virtual(log.Hooks())
	log.Note("by the host")
	require.NoError(t, s.Run(func() {}))
	log.Note("at the end")
	require.NoError(t, s.Close())
	r := log.Recording()
	require.Equal(t, []eventlog.Kind{
		eventlog.Note, eventlog.Spawn, eventlog.Switch, eventlog.Exit, eventlog.Switch, eventlog.Note,
	}, kinds(r))
	require.Zero(t, r.Events[0].Task)
	require.Equal(t, "by the host", r.Events[0].Text)
	require.Panics(t, func() { eventlog.New(eventlog.Config{Size: -1}) })
}

// A log that comes in the middle knows who runs, and who waits since before.
func TestLogAddedByATask(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		waiter := s.Go("waiter", func() { _ = s.Sleep(time.Second) })
		s.Yield()
		log := eventlog.New(eventlog.Config{})
		task := s.Go("short", func() { s.AddHooks(log.Hooks()) })
		_ = task.Join()
		_ = waiter.Join()
		r := log.Recording()
		require.Equal(t, eventlog.Exit, r.Events[0].Kind)
		require.True(t, r.Events[0].Ran, "the first thing that the log has seen is its end")
		require.Equal(t, task.ID(), r.State(0).Running)
		require.Equal(t, "sleep", r.State(0).Parked[waiter.ID()].Text)
	})
}

// Removed hooks end the recording: what the scheduler does afterwards is none of its business.
func TestLogKeepsItsEnd(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		log := eventlog.New(eventlog.Config{})
		remove := s.AddHooks(sched.Tee(log.Hooks(), &sched.Hooks{}))
		waiter := s.Go("waiter", func() { _ = s.Park(sched.Why("a sign")) })
		s.Yield()
		want := log.Recording()
		remove()
		remove()
		s.Go("unseen", func() {})
		s.Ready(waiter)
		_ = s.Sleep(time.Hour)
		got := log.Recording()
		require.Equal(t, want, got)
		end := got.State(len(got.Events))
		require.Equal(t, s.Current().ID(), end.Running)
		require.Equal(t, "a sign", end.Parked[waiter.ID()].Text)
		log.Note("not any more")
		require.Len(t, got.Events, log.Len())

		defer s.AddHooks(log.Hooks())() // begins anew
		require.Zero(t, log.Len())
		log.Note("again")
		again := log.Recording()
		require.Len(t, again.Events, 1)
		require.Equal(t, map[uint64]bool{s.Current().ID(): true}, again.State(0).Live)
	})
}

// A log in two schedulers is reported, as a panic of a hook, and takes nothing of the second.
func TestLogInTwoSchedulers(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	a := virtual(log.Hooks())
	require.NoError(t, a.Run(func() {}))
	events := log.Len()
	var reports []string
	b := sched.New(sched.Config{Hooks: log.Hooks(), OnPanic: func(_ *sched.Task, p *sched.PanicError) {
		reports = append(reports, p.Error())
	}})
	ran := false
	require.NoError(t, b.Run(func() { ran = true }))
	require.True(t, ran)
	require.Equal(t, "panic: eventlog: a Log takes the events of one scheduler; make another one for each hub", reports[0])
	require.Equal(t, events, log.Len())
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
}

func TestResetAndLost(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		log := eventlog.New(eventlog.Config{Size: 5}) // is 8
		defer s.AddHooks(log.Hooks())()
		for i := range 20 {
			log.Note(fmt.Sprint(i))
			require.Equal(t, min(i+1, 8), log.Len())
			require.EqualValues(t, max(i+1-8, 0), log.Lost())
		}
		r := log.Recording()
		require.EqualValues(t, 12, r.Lost)
		require.Equal(t, "12", r.Events[0].Text)
		log.Reset()
		require.Zero(t, log.Len())
		require.Zero(t, log.Lost())
		require.Len(t, r.Events, 8, "a recording does not change")
		s.Go("child", func() {})
		r = log.Recording()
		require.Equal(t, []eventlog.Kind{eventlog.Spawn}, kinds(r))
		require.Equal(t, s.Current().ID(), r.State(0).Running)
		require.Len(t, r.State(0).Live, 1)
		s.Yield()
	})
}

// A recording can be taken at any time: while tasks run, at the end, and after a deadlock.
func TestRecordingsOfARun(t *testing.T) {
	log := eventlog.New(eventlog.Config{})
	s := virtual(log.Hooks())
	var during *eventlog.Recording
	err := s.Run(func() {
		s.Spawn("child", func() { _ = s.Park(sched.Why("nothing")) })
		s.Yield()
		during = log.Recording()
		_ = s.Park(sched.Why("nothing, too"))
	})
	var dead *sched.DeadlockError
	require.ErrorAs(t, err, &dead)
	afterwards := log.Recording()
	require.NoError(t, s.Close())
	closed := log.Recording()
	require.Equal(t, during.Events, closed.Events[:len(during.Events)])
	require.Equal(t, afterwards, closed)
	require.Equal(t, during.State(len(during.Events)), closed.State(len(during.Events)))
	end := closed.State(len(closed.Events))
	require.Empty(t, end.Live)
	require.Empty(t, end.Parked)
	killed := 0
	for _, e := range closed.Events {
		if e.Kind == eventlog.Exit {
			require.Equal(t, "killed", e.Text)
			killed++
		}
	}
	require.Equal(t, 2, killed)
}

// Schedulers on several threads, each with a log of its own, share nothing.
func TestLogsOfConcurrentSchedulers(t *testing.T) {
	var all sync.WaitGroup
	recordings := make([]*eventlog.Recording, 4)
	for i := range recordings {
		all.Go(func() {
			log := eventlog.New(eventlog.Config{Lines: true})
			s := sched.New(sched.Config{Hooks: log.Hooks()})
			defer s.Close()
			_ = s.Run(func() {
				for range 3 {
					s.Spawn("worker", func() {
						for range 200 {
							s.Yield()
						}
						_ = s.Sleep(time.Millisecond)
					})
				}
				_ = s.Sleep(5 * time.Millisecond)
			})
			recordings[i] = log.Recording()
		})
	}
	all.Wait()
	for _, r := range recordings {
		checkTraceOf(t, r)
		require.Empty(t, r.State(len(r.Events)).Live)
	}
}
