package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// A report of thousands that wait for a pool of thousands looks at few of them for each.
func TestPoolReportOfMany(t *testing.T) {
	const n = 5_000
	virtual(t, func() error {
		p := NewPool(n)
		var gate Event
		for range n {
			mustSpawn(t, p, gate.Wait)
		}
		for range n {
			Spawn(func() error { _, err := p.Spawn(gate.Wait); return err })
		}
		Yield()
		first, reports := (*poolPlace)(p).Holders(), 0
		require.Len(t, first, maxHolders)
		for _, info := range GetHub().Graph().Tasks {
			if info.Why == "pool full (5000 members)" {
				require.Len(t, info.Holders, maxHolders)
				require.Equal(t, first[0].ID(), info.Holders[0].ID, "the oldest first")
				reports++
			}
		}
		require.Equal(t, n, reports)
		require.Less(t, testing.AllocsPerRun(10, func() { _ = (*poolPlace)(p).Holders() }), 20.0)
		gate.Set()
		return Sleep(time.Second)
	})
}

// The members that wait for a place in their own pool are counted exactly, whatever becomes of them meanwhile.
func TestPoolCountsItsOwnAskers(t *testing.T) {
	virtual(t, func() error {
		text := func(p *Pool) string { return (*poolPlace)(p).String() }
		const one = "pool full (2 members, 1 of them waiting for a place in it)"
		p := NewPool(2)
		var gate Event
		ask := func() error { _, err := p.Spawn(gate.Wait); return err }
		mustSpawn(t, p, gate.Wait)
		asker := mustSpawn(t, p, ask)
		Yield()
		require.Equal(t, one, text(p))
		asker.Kill()
		require.Equal(t, "pool full (1 member)", text(p))
		asker = mustSpawn(t, p, func() error { _, err := p.SpawnTimeout(time.Second, gate.Wait); return err })
		Yield()
		require.Equal(t, one, text(p))
		require.ErrorIs(t, asker.Get(), ErrTimeout)
		asker = mustSpawn(t, p, ask)
		Yield()
		p.Discard(asker) // its wait goes on, and the place that is free now is its own
		require.Equal(t, 0, p.asking)
		require.NoError(t, asker.Get())
		require.Equal(t, "pool full (2 members)", text(p))

		p.KillAsync()
		require.NoError(t, p.Join())
		other := mustSpawn(t, p, gate.Wait)
		require.NoError(t, p.Add(other))
		mustSpawn(t, p, gate.Wait)
		asker = Spawn(ask) // no member, while it waits
		Yield()
		require.Equal(t, "pool full (2 members)", text(p))
		adder := Spawn(func() error { return p.Add(asker) })
		Yield()
		other.Kill() // the asker gets that place
		require.NoError(t, asker.Get())
		gate.Set()
		require.NoError(t, adder.Get())
		require.NoError(t, p.Join())
		require.Equal(t, 0, p.asking)
		return nil
	})
}

// An asker that somebody else makes a member while it waits counts from then on.
func TestPoolCountsAnAskerThatIsAdded(t *testing.T) {
	virtual(t, func() error {
		p := NewPool(1)
		first := mustSpawn(t, p, func() error { return Sleep(time.Hour) })
		var asker *Greenlet
		adder := Spawn(func() error { return p.Add(asker) })
		asker = Spawn(func() error { _, err := p.Spawn(func() error { return nil }); return err })
		Yield()
		require.True(t, p.waitsFor(asker))
		require.Equal(t, sched.Parked, adder.task.State())
		first.Kill()
		require.NoError(t, adder.Get())
		require.Equal(t, "pool full (1 member, all of them waiting for a place in it)", (*poolPlace)(p).String())
		asker.Kill()
		require.Zero(t, p.asking)
		return p.Join()
	})
}
