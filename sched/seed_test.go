package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched/schedtest"
)

// seeded returns the order in which three tasks of three steps each run.
func seeded(t *testing.T, seed uint64) (order string) {
	schedtest.RunConfig(t, schedtest.Config{Seed: seed}, func(s *schedtest.Sim) {
		for _, name := range []string{"a", "b", "c"} {
			s.Go(name, func() {
				for range 3 {
					s.Tracef("%s", name)
					s.Yield()
				}
			})
		}
		_ = s.Sleep(time.Second)
		order = s.TraceString()
	})
	return order
}

func TestTheSameSeedGivesTheSameOrder(t *testing.T) {
	orders := map[string]bool{}
	for seed := uint64(1); seed <= 50; seed++ {
		order := seeded(t, seed)
		require.Equal(t, order, seeded(t, seed))
		orders[order] = true
	}
	require.Greater(t, len(orders), 30, "different seeds differ")
	require.Equal(t, "a b c a b c a b c", seeded(t, 0))
}

func TestSeedsReachAllOrders(t *testing.T) {
	starts := map[string]int{}
	for seed := uint64(1); seed <= 200; seed++ {
		schedtest.RunConfig(t, schedtest.Config{Seed: seed}, func(s *schedtest.Sim) {
			for _, name := range []string{"a", "b", "c"} {
				s.Go(name, func() { s.Tracef("%s", name) })
			}
			s.Settle()
			starts[s.TraceString()]++
		})
	}
	require.Len(t, starts, 6)
	for order, n := range starts {
		require.Greater(t, n, 10, order)
	}
}

func TestSeedStarvesNobody(t *testing.T) {
	schedtest.RunConfig(t, schedtest.Config{Seed: 7}, func(s *schedtest.Sim) {
		s.Go("spinner", func() {
			for {
				s.Yield()
			}
		})
		s.Poller.Event("e").Fire()
		require.NoError(t, s.Await("e"))
		s.Post(func() { s.Tracef("post") })
		for len(s.Trace()) == 0 {
			s.Yield()
		}
		s.AllowLeftovers()
	})
}
