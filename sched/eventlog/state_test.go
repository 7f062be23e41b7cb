package eventlog_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"greenloop/sched"
	"greenloop/sched/eventlog"
	"greenloop/sched/schedtest"
)

// A standing is what a State and the scheduler itself both tell of one moment.
type standing struct {
	Kind    eventlog.Kind
	Running uint64
	Live    []uint64
	Queue   []uint64
	Parked  map[uint64]parkedAs
	Delayed map[uint64]time.Duration
	Timers  []time.Duration
}

type parkedAs struct {
	Text     string
	Deadline time.Duration
}

// A witness looks at the scheduler itself at each event.
type witness struct{ all []standing }

func (w *witness) reset(s *sched.Scheduler) {
	w.all = nil
	w.look(s, 0, nil)
}

// look notes how s stands, after a switch to a task if there was one: the scheduler counts that as running a moment
// later.
func (w *witness) look(s *sched.Scheduler, kind eventlog.Kind, to *sched.Task) {
	at := standing{Kind: kind, Live: []uint64{}, Queue: []uint64{}, Parked: map[uint64]parkedAs{},
		Delayed: map[uint64]time.Duration{}, Timers: []time.Duration{}}
	if to != nil {
		at.Running = to.ID()
	} else if t := s.Current(); t != nil {
		at.Running = t.ID()
	}
	for _, t := range s.Tasks() {
		at.Live = append(at.Live, t.ID())
		deadline, limited := t.Deadline()
		if !limited {
			deadline = sched.Never
		}
		switch t.State() {
		case sched.Parked:
			at.Parked[t.ID()] = parkedAs{t.Why().String(), deadline}
		case sched.Delayed:
			at.Delayed[t.ID()] = deadline
		}
	}
	for _, t := range s.RunQueue() {
		at.Queue = append(at.Queue, t.ID())
	}
	for _, a := range s.Timers() {
		if a.Timer != nil {
			at.Timers = append(at.Timers, a.Deadline)
		}
	}
	w.all = append(w.all, at)
}

func (w *witness) hooks(s *sched.Scheduler) *sched.Hooks {
	see := func(kind eventlog.Kind) func(*sched.Task) {
		return func(*sched.Task) { w.look(s, kind, nil) }
	}
	return &sched.Hooks{
		Spawned: func(t *sched.Task) {
			w.look(s, eventlog.Spawn, nil)
			if last := &w.all[len(w.all)-1]; t.State() == sched.Ready && !slices.Contains(last.Queue, t.ID()) {
				last.Queue = append(last.Queue, t.ID()) // while the scheduler is closing: its end comes next
			}
		},
		Ready:         func(t, by *sched.Task) { w.look(s, eventlog.Ready, nil) },
		Parked:        see(eventlog.Park),
		Yielded:       see(eventlog.Yield),
		Switched:      func(from, to *sched.Task) { w.look(s, eventlog.Switch, to) },
		Exited:        see(eventlog.Exit),
		BeforePoll:    func(time.Duration) { w.look(s, eventlog.PollBegin, nil) },
		AfterPoll:     func() { w.look(s, eventlog.PollEnd, nil) },
		TimerSet:      func(*sched.Timer, time.Duration) { w.look(s, eventlog.TimerSet, nil) },
		TimerGone:     func(*sched.Timer, time.Duration, bool) { w.look(s, eventlog.TimerGone, nil) },
		DeadlineMoved: see(eventlog.Deadline),
	}
}

// standingOf is st as a standing.
func standingOf(st *eventlog.State, kind eventlog.Kind) standing {
	at := standing{Kind: kind, Running: st.Running, Live: sorted(keys(st.Live)), Queue: append([]uint64{}, st.Queue...),
		Parked: map[uint64]parkedAs{}, Delayed: map[uint64]time.Duration{}, Timers: []time.Duration{}}
	for id, w := range st.Parked {
		at.Parked[id] = parkedAs{w.Text, w.Deadline}
	}
	for id, when := range st.Delayed {
		at.Delayed[id] = when
	}
	for _, when := range st.Timers {
		at.Timers = append(at.Timers, when)
	}
	slices.Sort(at.Timers)
	return at
}

func sorted(seq func(func(uint64) bool)) []uint64 {
	all := slices.Sorted(seq)
	if all == nil {
		all = []uint64{}
	}
	return all
}

// controls returns for each state who has control inside the tasks that live.
func controls(r *eventlog.Recording) (all []map[uint64]string) {
	for st := range r.States() {
		control := maps.Clone(st.Control)
		maps.DeleteFunc(control, func(task uint64, _ string) bool { return !st.Live[task] })
		all = append(all, control)
	}
	return all
}

func standings(r *eventlog.Recording) (all []standing) {
	for st := range r.States() {
		kind := eventlog.Kind(0)
		if st.Step > 0 {
			kind = r.Events[st.Step-1].Kind
		}
		all = append(all, standingOf(st, kind))
	}
	return all
}

// The states that are made from the events are those of the scheduler, at every event.
func TestStatesAreTheSchedulers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		run := runLogged(logPrograms().Draw(rt, "program"), 1<<rapid.IntRange(0, 6).Draw(rt, "size"))
		whole, part := run.whole.Recording(), run.part.Recording()
		require.Zero(rt, whole.Lost)
		got := standings(whole)
		if run.seen.all == nil {
			require.Empty(rt, whole.Events, "never attached")
			return
		}
		require.Len(rt, got, len(run.seen.all))
		for i, have := range got {
			if want := run.seen.all[i]; run.attach {
				sameBut(rt, run, whole, want, have, i)
			} else {
				require.Equal(rt, want, have, "step %d", i)
			}
		}
		lost := len(whole.Events) - len(part.Events)
		require.EqualValues(rt, lost, part.Lost)
		for i, have := range standings(part) {
			sameBut(rt, run, part, got[lost+i], have, i)
		}
		control := controls(whole)[lost:]
		for i, have := range controls(part) {
			for task, raw := range have {
				require.Equal(rt, control[i][task], raw, "step %d", i)
			}
		}
	})
}

// sameBut requires that a state of r, which has not the beginning, is as it should be, but for what nobody can know: the
// order of what was ready before if it was not first come, first served; what a task that was killed before its start
// did before; until when a wait lasts that began before.
func sameBut(t require.TestingT, run *logRun, r *eventlog.Recording, want, have standing, step int) {
	began := make(map[uint64]bool)
	for _, e := range r.Events[:step] {
		if e.Kind == eventlog.Park {
			began[e.Task] = true
		}
	}
	born, unborn := make(map[uint64]bool), make(map[uint64]bool)
	for _, e := range r.Events {
		switch {
		case e.Kind == eventlog.Spawn || e.Kind == eventlog.Ready:
			born[e.Task] = true
		case e.Kind == eventlog.Exit && !e.Ran && !born[e.Task]:
			unborn[e.Task] = true
		}
	}
	if step == 0 {
		want.Kind = have.Kind // there is none before the first
	}
	clean := func(s standing) standing {
		s.Queue = slices.DeleteFunc(slices.Clone(s.Queue), func(id uint64) bool { return unborn[id] })
		if run.seed != 0 {
			slices.Sort(s.Queue)
		}
		parked, delayed := map[uint64]parkedAs{}, map[uint64]time.Duration{}
		for id, p := range s.Parked {
			if !began[id] {
				p.Deadline = 0
			}
			parked[id] = p
		}
		for id := range s.Delayed {
			if !unborn[id] {
				delayed[id] = 0
			}
		}
		s.Parked, s.Delayed = parked, delayed
		return s
	}
	require.Equal(t, clean(want), clean(have), "step %d", step)
}

// A strangersLock is held by a task of another scheduler.
type strangersLock struct{ holder *sched.Task }

func (l strangersLock) String() string         { return "a stranger's lock" }
func (l strangersLock) Holders() []*sched.Task { return []*sched.Task{l.holder} }

// The tasks of two schedulers have the same numbers: who holds something elsewhere is nobody here.
func TestHolderOfAnotherScheduler(t *testing.T) {
	other := sched.New(sched.Config{})
	stranger := other.Spawn("stranger", func() {})
	r := record(t, eventlog.Config{}, func(s *schedtest.Sim, _ *eventlog.Log) {
		require.Equal(t, stranger.ID(), s.Current().ID())
		_ = s.ParkUntil(strangersLock{stranger}, time.Second)
	})
	require.NoError(t, other.Close())
	parks := 0
	for _, e := range r.Events {
		if e.Kind == eventlog.Park {
			parks++
			require.Empty(t, e.Holders)
		}
	}
	require.Equal(t, 1, parks)
}
