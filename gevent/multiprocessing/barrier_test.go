//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

var broken = gevent.ErrBrokenBarrier.Error()

func newBarrier(t testing.TB, parties int) *mp.Barrier {
	t.Helper()
	return got[*mp.Barrier](t)(mp.NewBarrier(parties))
}

func TestBarrierBetweenProcesses(t *testing.T) {
	run(t, func() error {
		for _, n := range []int{-1, 0, 1 << 20} {
			_, err := mp.NewBarrier(n)
			require.Error(t, err)
		}
		k := newKit(t)
		a, b := newKitWorker(t, k), newKitWorker(t, k)
		acted := 0
		k.Barrier.Action = func() error { // of those who come through our handle
			acted++
			require.Equal(t, 3, k.Barrier.Waiting())
			return gevent.Sleep(time.Millisecond)
		}
		for range 3 {
			a.begins(t, "Barrier.Wait")
			b.begins(t, "Barrier.Wait")
			eventually(t, func() bool { return k.Barrier.Waiting() == 2 })
			mine := gevent.Spawn(func() error { return k.do("Barrier.Wait") })
			gevent.Yield()
			next := gevent.Spawn(func() error { return val(k.Barrier.WaitTimeout(0)) })
			require.EqualError(t, mine.Get(), "index 2")
			said := []string{a.said(t), b.said(t)}
			slices.Sort(said)
			require.Equal(t, []string{"index 0", "index 1"}, said)
			require.Equal(t, gevent.ErrTimeout, next.Get(), "not yet part of a round: it breaks nothing")
		}
		require.Equal(t, 3, acted)
		require.Equal(t, 3, k.Barrier.Parties())

		a.begins(t, "Barrier.Wait")
		eventually(t, func() bool { return k.Barrier.Waiting() == 1 })
		require.NoError(t, k.Barrier.Reset())
		require.Equal(t, broken, a.said(t))
		require.False(t, k.Barrier.Broken())
		a.begins(t, "Barrier.Wait")
		eventually(t, func() bool { return k.Barrier.Waiting() == 1 })
		require.NoError(t, k.Barrier.Abort())
		require.Equal(t, broken, a.said(t))
		b.begins(t, "Barrier.Wait")
		require.Equal(t, broken, b.said(t), "it stays so")
		require.True(t, k.Barrier.Broken())
		require.Zero(t, k.Barrier.Waiting())
		require.NoError(t, k.Barrier.Reset())

		_, err := k.Barrier.WaitTimeout(time.Millisecond)
		require.Equal(t, gevent.ErrTimeout, err)
		require.True(t, k.Barrier.Broken())
		require.NoError(t, k.Barrier.Reset())
		throw := func(g *gevent.Greenlet) { g.Throw(errMade) }
		for _, end := range []func(*gevent.Greenlet){(*gevent.Greenlet).KillAsync, throw} {
			a.begins(t, "Barrier.Wait")
			eventually(t, func() bool { return k.Barrier.Waiting() == 1 })
			g := gevent.Spawn(func() error { return val(k.Barrier.Wait()) })
			gevent.Yield()
			end(g)
			require.Equal(t, broken, a.said(t))
			require.NoError(t, k.Barrier.Reset())
		}
		a.ends(t)
		b.ends(t)
		k.close(t)
		return nil
	})
}

// The process of a party that waits, or acts, dies: the others do not wait for ever.
func TestBarrierOfDeadProcesses(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		a, b := newKitWorker(t, k), newKitWorker(t, k)
		wait := func() *gevent.Greenlet {
			g := gevent.Spawn(func() error { return val(k.Barrier.Wait()) })
			gevent.Yield()
			return g
		}
		mine := wait()
		a.begins(t, "Barrier.Wait")
		eventually(t, func() bool { return k.Barrier.Waiting() == 2 })
		a.killed(t)
		require.Equal(t, gevent.ErrBrokenBarrier, mine.Get())
		require.NoError(t, k.Barrier.Reset())

		mine, other := wait(), wait()
		b.begins(t, "Barrier.Wait with an action")
		require.Equal(t, errMade.Error(), b.said(t))
		require.Equal(t, gevent.ErrBrokenBarrier, mine.Get())
		require.Equal(t, gevent.ErrBrokenBarrier, other.Get())
		require.NoError(t, k.Barrier.Reset())

		mine, other = wait(), wait()
		b.begins(t, "Barrier.Wait with a long action")
		eventually(t, func() bool { return k.Barrier.Waiting() == 3 })
		late := wait()
		require.False(t, late.Ready())
		b.killed(t)
		for _, g := range []*gevent.Greenlet{mine, other, late} {
			require.Equal(t, gevent.ErrBrokenBarrier, g.Get())
		}

		two := newBarrier(t, 2) // nobody watches the first when it dies
		alone := newKitWorker(t, &kit{Barrier: two})
		alone.begins(t, "Barrier.Wait")
		eventually(t, func() bool { return two.Waiting() == 1 })
		alone.killed(t)
		_, err := two.WaitTimeout(patience)
		require.Equal(t, gevent.ErrBrokenBarrier, err)
		closeAll(t, two)
		k.close(t)
		return nil
	})
}

type passArgs struct {
	Barrier *mp.Barrier
	Rounds  int
	Told    *mp.Sender[[]int]
}

// passes passes a barrier again and again, with two greenlets, and tells their indexes.
var passes = mp.Define("barrier: passes", func(a passArgs) error {
	indexes, err := passAll(a.Barrier, a.Rounds)
	if err != nil {
		return err
	}
	return a.Told.Send(indexes)
})

func passAll(b *mp.Barrier, rounds int) (indexes []int, err error) {
	pass := func() ([]int, error) {
		var indexes []int
		for range rounds {
			i, err := b.Wait()
			if err != nil {
				return nil, err
			}
			indexes = append(indexes, i)
		}
		return indexes, nil
	}
	g := gevent.Go(pass)
	mine, err := pass()
	if err != nil {
		return nil, err
	}
	others, err := g.Get()
	return append(mine, others...), err
}

// A thousand rounds of two processes with two greenlets each.
func TestBarrierThousand(t *testing.T) {
	run(t, func() error {
		rounds := 1000
		if raceEnabled {
			rounds = 200
		}
		b := newBarrier(t, 4)
		r, s := pipe[[]int](t)
		acted := 0
		b.Action = func() error { acted++; return nil }
		p := begin(t, passes, passArgs{b, rounds, s})
		mine := got[[]int](t)(passAll(b, rounds))
		counts := map[int]int{}
		for _, i := range append(mine, got[[]int](t)(r.Recv())...) {
			counts[i]++
		}
		require.Equal(t, fmt.Sprint(map[int]int{0: rounds, 1: rounds, 2: rounds, 3: rounds}), fmt.Sprint(counts))
		require.LessOrEqual(t, acted, rounds)
		ends(t, p, 0)
		closeAll(t, b, r)
		return nil
	})
}
