package coro

import (
	"iter"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const leaveOutside = "coro: the last Leave is for the goroutine that called Enter first, outside any coroutine"

func TestEnterTwiceLeaveTwice(t *testing.T) {
	outer := Enter()
	require.Same(t, outer, Enter())
	require.Same(t, outer, Current())
	require.NoError(t, outer.Leave())
	require.Same(t, outer, Current())
	require.True(t, outer.Here())
	require.NoError(t, outer.Leave())
	require.Nil(t, Current())
	require.False(t, outer.Here())
	require.PanicsWithValue(t, leaveOutside, func() { _ = outer.Leave() })
	require.Empty(t, threads())
}

func TestEnterInsideCoroutine(t *testing.T) {
	th := enter(t)
	newTask(th, func() {
		require.Same(t, th, Enter())
	}).Switch()
	require.NoError(t, th.Leave())
	require.Same(t, th, Current())
}

func TestLeaveInsideCoroutine(t *testing.T) {
	th := enter(t)
	k := newTask(th, func() { _ = th.Leave() })
	k.Switch()
	require.Equal(t, leaveOutside, k.exit.Panic)
}

func TestLeaveOnAnotherGoroutine(t *testing.T) {
	th := enter(t)
	onGoroutine(func() {
		require.PanicsWithValue(t, leaveOutside, func() { _ = th.Leave() })
	})
}

func TestLeaveWithSuspended(t *testing.T) {
	noGoroutines(t)
	before := runtime.NumGoroutine()
	th := Enter()
	var stay [2]*task
	for i := range stay {
		stay[i] = newTask(th, th.Main().Switch)
		stay[i].Switch()
	}
	newTask(th, func() {}).Switch() // its goroutine is idle, and ends all the same
	require.EqualError(t, th.Leave(), "coro: left the thread with 2 coroutines suspended; "+
		"their goroutines stay for ever: let them finish before Leave")
	require.Nil(t, Current())
	require.Equal(t, before+len(stay), runtime.NumGoroutine())

	// They are beyond reach from a new Thread, too, even on the same OS thread.
	again := Enter()
	require.NotSame(t, th, again)
	require.PanicsWithValue(t, otherThread, stay[0].Switch)
	require.NoError(t, again.Leave())

	// No harm in this test binary: put the old identity back, and let them end.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	th.id.Store(self())
	for _, k := range stay {
		k.Switch()
	}
	th.retire()
	noGoroutines(t)
}

// A body that ends by Goexit makes the idle workers move about before they are retired.
func TestLeaveAfterMixedEnds(t *testing.T) {
	th := enter(t)
	var tasks []*task
	for i := range 30 {
		k := newTask(th, func() {
			th.Main().Switch()
			switch i % 3 {
			case 0:
				runtime.Goexit()
			case 1:
				panic(i)
			}
		})
		k.Switch()
		tasks = append(tasks, k)
	}
	for i := range tasks {
		tasks[(i*7)%len(tasks)].Switch()
	}
	require.Zero(t, th.Live())
	require.Len(t, th.idle, 20)
}

func TestCurrent(t *testing.T) {
	require.Nil(t, Current())
	th := enter(t)
	require.Same(t, th, Current())
	require.True(t, th.Here())
	newTask(th, func() {
		require.Same(t, th, Current())
		onGoroutine(func() { require.Nil(t, Current()) })
	}).Switch()
	onGoroutine(func() { require.Nil(t, Current()) })
	require.Same(t, th, Current())
	if perGoroutine {
		return
	}
	next, stop := iter.Pull(func(yield func(*Thread) bool) { yield(Current()) })
	defer stop()
	seen, _ := next()
	require.Same(t, th, seen)
}

func TestKeys(t *testing.T) {
	defer keys.Store(keys.Load()) // the example has one, too
	keys.Store(0)
	th := enter(t)
	a, b := NewKey(), NewKey()
	require.Nil(t, th.Get(a))
	th.Set(a, "a")
	th.Set(b, 2)
	require.Equal(t, []any{"a", 2}, []any{th.Get(a), th.Get(b)})
	onGoroutine(func() {
		other := Enter()
		require.Nil(t, other.Get(a))
		require.NoError(t, other.Leave())
	})
	for range maxKeys - 2 {
		NewKey()
	}
	require.Panics(t, func() { NewKey() })
}

func TestManyThreads(t *testing.T) {
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for round := range 5 {
				th := Enter()
				r := newRing(th, 2+n)
				r.run(500)
				if Current() != th || th.Live() != 2+n {
					t.Errorf("goroutine %d, round %d: another's thread", n, round)
				}
				r.end()
				k := newTask(th, runtime.Goexit)
				k.Switch()
				if err := th.Leave(); err != nil || Current() != nil {
					t.Errorf("goroutine %d, round %d: %v", n, round, err)
				}
			}
		})
	}
	wg.Wait()
	require.Empty(t, threads())
}
