package sched_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// Tasks that nobody holds are used again, and nothing of one life reaches the next.
func TestGo(t *testing.T) {
	var panics []any
	s := sched.New(sched.Config{OnPanic: func(_ *sched.Task, p *sched.PanicError) { panics = append(panics, p.Value) }})
	var order []int
	seen := make(map[*sched.Task]int)
	var stale sched.Ticket
	require.NoError(t, s.Run(func() {
		for round := range 10 {
			for i := range 5 {
				s.Go(func() {
					seen[s.Current()]++
					order = append(order, 5*round+i)
					switch i {
					case 1:
						stale = s.Ticket()
						s.Yield()
					case 2:
						panic(5*round + i)
					case 3:
						s.Kill(s.Current())
					case 4:
						require.NoError(t, s.Sleep(1))
					}
				})
			}
			require.NoError(t, s.Sleep(2))
			require.False(t, stale.Ready())
		}
	}))
	require.Len(t, order, 50)
	require.IsIncreasing(t, order)
	require.Len(t, panics, 10)
	require.Less(t, len(seen), 12, "they are used again")
	require.NoError(t, s.Close())
	require.PanicsWithValue(t, "sched: Go of a nil function", func() { s.Go(nil) })
}

// A Ticket of one life, whose wait never began, does not fit a wait of the next.
func TestTicketsOfAFormerLife(t *testing.T) {
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		tickets := map[*sched.Task][]sched.Ticket{}
		for range 10 {
			s.Go(func() {
				self := s.Current()
				for _, stale := range tickets[self] {
					s.Post(func() { require.False(t, stale.Ready()) })
				}
				require.Equal(t, sched.ErrTimeout, s.ParkUntil(sched.Why("nobody"), s.After(1000)))
				tickets[self] = append(tickets[self], s.Ticket())
			})
			require.NoError(t, s.Sleep(10_000))
		}
		require.Less(t, len(tickets), 10, "tasks were used again")
	}))
	require.NoError(t, s.Close())
}

// What a stranger threw at a task of a former life does not come up in the next.
func TestGoStartsAfresh(t *testing.T) {
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		for range 3 {
			s.Go(func() { s.Throw(s.Current(), errors.New("not delivered")) })
			s.Yield()
			s.Go(func() { require.NoError(t, s.Sleep(1)) })
			require.NoError(t, s.Sleep(2))
		}
	}))
}

func BenchmarkGo(b *testing.B) {
	s := sched.New(sched.Config{})
	b.ReportAllocs()
	_ = s.Run(func() {
		for i := 1; b.Loop(); i++ {
			s.Go(func() {})
			if i%1000 == 0 {
				s.Yield()
			}
		}
	})
}

// What few tasks have is used again, too, and nothing of it reaches the next task that has it.
func TestRareThingsOfAFormerLife(t *testing.T) {
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		told, killed := 0, 0
		for range 10 {
			first := s.Spawn("first", func() {
				s.Shield(true)
				require.NoError(t, s.Park(sched.Why("kill")))
			})
			first.Attach("first")
			for range 3 {
				first.OnDone(func() { told++ })
			}
			first.OnKill(func() { killed++ })
			s.Yield()
			s.Throw(first, errors.New("kept off"))
			s.Cancel(first, errors.New("kept off, too"))
			s.Kill(first)
			require.ErrorIs(t, first.Join(), sched.ErrKilled)
			require.Nil(t, first.Attached())

			second := s.Spawn("second", func() {
				self := s.Current()
				require.Nil(t, self.Attached())
				require.NoError(t, self.Thrown())
				require.NoError(t, self.Canceled())
				require.False(t, s.Shield(false))
				require.NoError(t, s.Sleep(1))
			})
			joined := s.Spawn("joins", func() { require.NoError(t, second.Join()) })
			second.OnDone(func() { require.Nil(t, second.Attached()) })
			require.NoError(t, second.Join())
			require.NoError(t, joined.Join())
		}
		require.Equal(t, 30, told)
		require.Equal(t, 10, killed)
	}))
	require.NoError(t, s.Close())
}

// In the steady state a Join allocates nothing: what is left is the task and its coroutine's share.
func TestJoinAllocatesNothing(t *testing.T) {
	if sched.GoroutineIdentity() {
		t.Skip("there the question on which goroutine one is allocates")
	}
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		nothing := func() {}
		join := func() { _ = s.Spawn("", nothing).Join() }
		join()
		require.LessOrEqual(t, testing.AllocsPerRun(100, join), 1.0)
	}))
	require.NoError(t, s.Close())
}

// A timer that is part of something calls that.
type bell struct {
	sched.Timer
	rings int
}

func (b *bell) Run() { b.rings++ }

func TestTimerWithABody(t *testing.T) {
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		var b bell
		b.InitBody(&b)
		for n := range 3 {
			s.StartTimer(&b.Timer, s.After(0))
			require.PanicsWithValue(t, "sched: Init of an armed timer; stop it first", func() { b.InitBody(&b) })
			s.Yield()
			require.NoError(t, s.Sleep(1))
			require.Equal(t, n+1, b.rings)
		}
		require.PanicsWithValue(t, "sched: a Timer needs a Body", func() { new(sched.Timer).InitBody(nil) })
	}))
	require.NoError(t, s.Close())
}
