package sched_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
	"greenloop/sched/schedtest"
)

// A mutex is the least primitive whose reason knows its holders.
type mutex struct {
	name    string
	holders []*sched.Task
	waiters sched.WaitQueue
}

func (m *mutex) String() string         { return m.name }
func (m *mutex) Holders() []*sched.Task { return m.holders }

func (m *mutex) lock(s *schedtest.Sim) error {
	if len(m.holders) > 0 {
		return m.waiters.Wait(s.Scheduler, m)
	}
	m.holders = append(m.holders, s.Current())
	return nil
}

// shape is a text without the places of bodies.
func shape(text string) string {
	return regexp.MustCompile(`, in \S+ \(\S+\)`).ReplaceAllString(text, "")
}

func TestDeadlockReportMarksTheCycle(t *testing.T) {
	err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		db, file := &mutex{name: "lock db"}, &mutex{name: "lock file"}
		worker := s.Go("worker", func() {
			_ = db.lock(s)
			_ = s.Sleep(2 * time.Second)
			_ = file.lock(s)
		})
		s.Go("bystander", func() { _ = worker.Join() })
		_ = file.lock(s)
		_ = s.Sleep(time.Second)
		_ = db.lock(s)
	})
	var dead *sched.DeadlockError
	require.ErrorAs(t, err, &dead)
	require.Equal(t, [][]uint64{{1, 2}}, dead.Cycles)
	require.Equal(t, []sched.Holder{{ID: 2, Name: "worker", State: sched.Parked}}, dead.Tasks[0].Holders)
	require.Equal(t, `sched: deadlock: all 3 tasks wait and nothing can wake them
	cycle: main (task 1) → worker (task 2) → main (task 1)
	task 1 "main" parked on lock db for 1s, held by worker (task 2)
	task 2 "worker" parked on lock file for 0s, held by main (task 1)
	task 3 "bystander" parked on join of worker (task 2) for 2s`, shape(err.Error()))
}

func TestDeadlockReportMarksAJoinInACycle(t *testing.T) {
	err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		main := s.Current()
		b := s.Go("b", func() { _ = main.Join() })
		_ = s.Go("a", func() { _ = b.Join() }).Join()
	})
	require.ErrorContains(t, err, "cycle: main (task 1) → a (task 3) → b (task 2) → main (task 1)\n")
}

// Who ended with a lock is the one to be blamed for what looks like no cycle at all.
func TestDeadlockReportNamesAHolderThatHasEnded(t *testing.T) {
	err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
		m := &mutex{name: "lock m"}
		_ = s.Go("careless", func() { _ = m.lock(s) }).Join()
		_ = m.lock(s)
	})
	require.ErrorContains(t, err, "parked on lock m for 0s, held by careless (task 2), which has ended")
	var dead *sched.DeadlockError
	require.ErrorAs(t, err, &dead)
	require.Empty(t, dead.Cycles)
}

// The rest of a program goes on: nothing is reported by itself, but the graph shows who will never wake up.
func TestGraphFindsCyclesOfARunningProgram(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		var a, b *sched.Task
		a = s.Go("a", func() { _ = b.Join() })
		b = s.Go("b", func() { _ = a.Join() })
		s.Go("self", func() {
			m := &mutex{name: "its own lock"}
			_ = m.lock(s)
			_ = m.lock(s)
		})
		s.Go("waits", func() { _ = a.Join() })
		s.Settle()
		g := s.Graph()
		require.Equal(t, [][]uint64{{2, 3}, {4}}, g.Cycles)
		require.Contains(t, g.String(), "cycle: self (task 4) → self (task 4)\n")
	})
}

func TestGraphPassesOverHoldersItCannotTellOf(t *testing.T) {
	other := sched.New(sched.Config{})
	stranger := other.Spawn("stranger", func() {})
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		shared := &mutex{name: "many", holders: []*sched.Task{nil, stranger, s.Current(), new(sched.Task)}}
		waiter := s.Go("", func() { _ = shared.lock(s) })
		s.Settle()
		g := s.Graph()
		require.Empty(t, g.Cycles)
		require.Equal(t, []sched.Holder{{ID: 1, Name: "main", State: sched.Running}}, g.Tasks[1].Holders)
		require.Equal(t, []*sched.Task{s.Current()}, s.Holders(waiter))
		require.Empty(t, s.Holders(s.Current()), "it waits for nothing")
	})
	require.NoError(t, other.Close())
}

type illOwner struct{ ill }

func (illOwner) Holders() []*sched.Task { panic("no holders") }

func TestAPanicOfHoldersIsContained(t *testing.T) {
	var told []error
	s := sched.New(sched.Config{OnPanic: func(_ *sched.Task, p *sched.PanicError) { told = append(told, p) }})
	defer s.Close()
	err := s.Run(func() {
		main := s.Current()
		s.Spawn("asks", func() { require.Empty(t, s.Holders(main)) })
		_ = s.Park(illOwner{})
	})
	var dead *sched.DeadlockError
	require.ErrorAs(t, err, &dead)
	require.Len(t, told, 1)
	require.ErrorContains(t, told[0], "no holders")
}

func TestTheTextOfManyIsCut(t *testing.T) {
	err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		for range 1000 {
			s.Go("idle", func() { _ = s.Park(sched.Why("nothing")) })
		}
		next := s.Current()
		for range 200 { // a ring of 201 with main
			awaited := next
			next = s.Go("ring", func() { _ = awaited.Join() })
		}
		_ = next.Join()
	})
	var dead *sched.DeadlockError
	require.ErrorAs(t, err, &dead)
	require.Len(t, dead.Tasks, 1201)
	require.Len(t, dead.Cycles[0], 201)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 1+1+50+1)
	require.Contains(t, lines[1], "→ … 151 more → main (task 1)")
	require.Contains(t, lines[2], "main")
	require.Contains(t, lines[3], "ring")
	require.Equal(t, "\t… and 1151 more tasks", lines[len(lines)-1])
}

func TestManyCyclesAreCut(t *testing.T) {
	err := schedtest.Try(t, schedtest.Config{}, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		for i := range 60 {
			s.Go(fmt.Sprint("lonely", i), func() {
				m := &mutex{name: "its own lock"}
				_ = m.lock(s)
				_ = m.lock(s)
			})
		}
		_ = s.Park(sched.Why("nothing"))
	})
	require.ErrorContains(t, err, "… and 10 more cycles")
}

// A long chain is followed without recursion, and cycles that overlap are shown once.
func TestCyclesOfALongChainAndOfAKnot(t *testing.T) {
	schedtest.Run(t, func(s *schedtest.Sim) {
		s.AllowLeftovers()
		last := s.Current()
		for range 20_000 {
			next := last
			last = s.Go("", func() { _ = next.Join() })
		}
		knot := &mutex{name: "knot"}
		for range 100 {
			knot.holders = append(knot.holders, s.Go("in the knot", func() { _ = s.Park(knot) }))
		}
		s.Settle()
		g := s.Graph()
		require.Len(t, g.Tasks, 20_101)
		require.Len(t, g.Cycles, 16) // each holds what it waits for; more than 16 holders are not looked at
		require.Len(t, g.Tasks[20_001].Holders, 16)
		require.Contains(t, g.Tasks[20_001].String(), "in the knot (task 20005) and others")
	})
}

// The normal path pays nothing for the graph.
func TestHoldersCostNothingWhileNobodyAsks(t *testing.T) {
	if sched.GoroutineIdentity() {
		t.Skip("the look for the own goroutine allocates here")
	}
	schedtest.Run(t, func(s *schedtest.Sim) {
		m, main := &mutex{name: "m"}, s.Current()
		waker := s.Go("waker", func() {
			for {
				s.Ready(main)
				s.Yield()
			}
		})
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = m.waiters.Wait(s.Scheduler, m) }))
		s.Kill(waker)
		_ = waker.Join()
	})
}
