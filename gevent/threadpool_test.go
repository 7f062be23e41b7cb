package gevent

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func spawnIn(t *testing.T, p *ThreadPool, fn func(context.Context) (int, error)) *Result[int] {
	r, err := ThreadSpawn(p, fn)
	require.NoError(t, err)
	return r
}

// ThreadSpawn waits while all places are taken, and gives a greenlet like any other; the hub goes on meanwhile.
func TestThreadPoolSpawn(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(2)
		g := newGate()
		a, b := spawnIn(t, p, g.pass), spawnIn(t, p, g.pass)
		var c *Result[int]
		third := Spawn(func() (err error) { c, err = ThreadSpawn(p, g.pass); return err })
		parked(t, third)
		require.Nil(t, c)
		until(t, func() bool { return g.begun.Load() == 2 })
		inGoroutine(t, func() { g.open <- struct{}{} })
		require.NoError(t, third.Get())
		close(g.open)
		sum := 0
		for _, r := range []*Result[int]{a, b, c} {
			v, err := r.Get()
			require.NoError(t, err)
			sum += v
		}
		require.Equal(t, 1+2+3, sum)
		_, err := spawnIn(t, p, func(context.Context) (int, error) { return 0, errMade }).Get()
		require.Same(t, errMade, err)
		return p.Join()
	})
}

// While somebody waits for a place the wait can be ended, and the function never runs.
func TestThreadPoolSpawnEndedEarly(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				p := NewThreadPool(1)
				g := newGate()
				first := spawnIn(t, p, g.pass)
				var err error
				second := Spawn(func() error {
					_, err = ThreadSpawn(p, func(context.Context) (int, error) { t.Error("it ran"); return 0, nil })
					return nil
				})
				parked(t, second)
				require.Equal(t, end(t, second), err)
				close(g.open)
				_, err = first.Get()
				require.NoError(t, err)
				return p.Join()
			})
		})
	}
}

// Killing the greenlet of a function ends its context, before the greenlet has started, too.
func TestThreadPoolSpawnKilled(t *testing.T) {
	for _, started := range []bool{false, true} {
		t.Run(fmt.Sprint("started ", started), func(t *testing.T) {
			run(t, func() error {
				p := NewThreadPool(1)
				r := spawnIn(t, p, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) })
				if started {
					parked(t, &r.Greenlet)
				}
				require.NoError(t, r.Kill())
				require.ErrorIs(t, r.Err(), ErrExit)
				return p.Join()
			})
		})
	}
}

func TestThreadPoolApply(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(1)
		_, err := ThreadApply(p, func(context.Context) (int, error) { return 0, errMade })
		require.Same(t, errMade, err)
		_, err = ThreadApply(p, func(context.Context) (int, error) { panic(errMade) })
		var panicked *PanicError
		require.ErrorAs(t, err, &panicked)
		_, err = ThreadApply(p, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		require.Same(t, errGoexit, err)
		v, err := ThreadApply(p, func(context.Context) (int, error) { return 42, nil })
		require.Equal(t, 42, v, "a place is free again after a panic and a Goexit")
		return err
	})
}

func TestThreadPoolMap(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(4)
		g := newGate()
		close(g.open)
		items := slices.Values([]int{1, 2, 3, 4, 5, 6, 7, 8, 9})
		squares, err := ThreadMap(p, items, func(ctx context.Context, i int) (int, error) {
			_, _ = g.pass(ctx)
			return i * i, nil
		})
		require.NoError(t, err)
		require.Equal(t, []int{1, 4, 9, 16, 25, 36, 49, 64, 81}, squares)
		require.LessOrEqual(t, g.most.Load(), int32(4))
		none, err := ThreadMap(p, slices.Values([]int{}), func(context.Context, int) (int, error) { return 0, nil })
		require.NoError(t, err)
		require.Empty(t, none)
		return nil
	})
}

// The first error ends the map: the others that run are told, none begins.
func TestThreadPoolMapError(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(3)
		_, err := ThreadMap(p, slices.Values([]int{0, 1, 2}), func(ctx context.Context, i int) (int, error) {
			if i == 0 {
				return 0, errMade
			}
			<-ctx.Done()
			return 0, ctx.Err()
		})
		require.Same(t, errMade, err)
		return p.Join()
	})
}

func TestThreadPoolMapKilled(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(3)
		begun := new(atomic.Int32)
		g := Spawn(func() error {
			_, err := ThreadMap(p, slices.Values(make([]int, 1000)), func(ctx context.Context, i int) (int, error) {
				begun.Add(1)
				<-ctx.Done()
				return 0, ctx.Err()
			})
			return err
		})
		until(t, func() bool { return begun.Load() == 3 })
		require.NoError(t, g.Kill())
		require.NoError(t, p.Join())
		require.EqualValues(t, 3, begun.Load())
		return nil
	})
}

const negative = " of size -1; it is how many functions may run at once"

func TestThreadPoolResize(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(0)
		g := newGate()
		var gs []*Greenlet
		for range 6 {
			gs = append(gs, Spawn(func() error { _, err := ThreadApply(p, g.pass); return err }))
		}
		parked(t, gs...)
		require.Zero(t, g.begun.Load(), "0 lets none run")
		p.Resize(2)
		require.Equal(t, 2, p.Size())
		until(t, func() bool { return g.begun.Load() == 2 })
		p.Resize(4)
		until(t, func() bool { return g.begun.Load() == 4 })
		p.Resize(0)
		inGoroutine(t, func() {
			for range 4 {
				g.open <- struct{}{}
			}
		})
		until(t, func() bool { running, _ := p.Count(); return running == 0 })
		require.EqualValues(t, 4, g.begun.Load(), "0 stops all")
		p.Resize(1)
		close(g.open)
		require.NoError(t, JoinAll(gs...))
		require.EqualValues(t, 4, g.most.Load())
		require.PanicsWithValue(t, "gevent: ThreadPool.Resize"+negative, func() { p.Resize(-1) })
		return nil
	})
	require.PanicsWithValue(t, "gevent: NewThreadPool"+negative, func() { NewThreadPool(-1) })
	require.PanicsWithValue(t, "gevent: Config.OffloadMax"+negative, func() {
		_ = RunConfig(Config{OffloadMax: -1}, func() error { return nil })
	})
}

func TestThreadPoolJoin(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(1)
		require.NoError(t, p.Join(), "at once if empty")
		g := newGate()
		r := spawnIn(t, p, g.pass)
		joiners := []*Greenlet{Spawn(p.Join), Spawn(p.Join)}
		parked(t, joiners...)
		require.ErrorIs(t, p.JoinTimeout(0), ErrTimeout)
		close(g.open)
		require.NoError(t, JoinAll(joiners...))
		_, err := r.Get()
		return err
	})
}

func TestThreadPoolShutdown(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(1)
		g := newGate()
		running := spawnIn(t, p, g.pass)
		queued := Spawn(func() error { _, err := ThreadApply(p, g.pass); return err })
		parked(t, queued)
		p.Shutdown()
		_, err := ThreadApply(p, g.pass)
		require.ErrorIs(t, err, ErrShutdown)
		_, err = ThreadSpawn(p, g.pass)
		require.ErrorIs(t, err, ErrShutdown)
		close(g.open)
		require.NoError(t, p.Join())
		require.NoError(t, queued.Get())
		_, err = running.Get()
		return err
	})
}

// Kill frees all who wait at once; the contexts of the functions that run end, and none begins.
func TestThreadPoolKill(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(1)
		stubborn, undone := newGate(), new(atomic.Bool)
		running := Spawn(func() error {
			e := newErrand(GetHub(), offloading, stubborn.pass, func(int) { undone.Store(true) })
			_, err := e.run(&p.crew, sched.Never)
			return err
		})
		queued := []*Greenlet{
			Spawn(func() error { _, err := ThreadApply(p, stubborn.pass); return err }),
			Spawn(func() error { _, err := ThreadSpawn(p, stubborn.pass); return err }),
		}
		parked(t, append(queued, running)...)
		until(t, func() bool { return stubborn.begun.Load() == 1 })
		p.Kill()
		p.Kill()
		for _, g := range append(queued, running) {
			require.ErrorIs(t, g.Get(), ErrShutdown)
		}
		require.ErrorIs(t, p.JoinTimeout(1), ErrTimeout, "one does not listen")
		close(stubborn.open)
		require.NoError(t, p.Join())
		require.EqualValues(t, 1, stubborn.begun.Load())
		until(t, undone.Load)
		return nil
	})
}

func TestThreadPoolBelongsToOneHub(t *testing.T) {
	run(t, func() error {
		p := NewThreadPool(1)
		_, err := ThreadApply(p, func(context.Context) (int, error) { return 0, nil })
		require.NoError(t, err)
		text := ""
		inGoroutine(t, func() {
			_ = Run(func() error {
				defer func() { text = fmt.Sprint(recover()) }()
				_, err := ThreadSpawn(p, func(context.Context) (int, error) { return 0, nil })
				return err
			})
		})
		require.True(t, strings.HasPrefix(text, "gevent: ThreadSpawn of a primitive that belongs to another hub"), text)
		return nil
	})
}
