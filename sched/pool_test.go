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
