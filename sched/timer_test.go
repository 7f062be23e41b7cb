package sched

import (
	"cmp"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// checkHeap verifies the heap's order and each timer's index.
func checkHeap(t require.TestingT, ts *timers) {
	for i := range ts.heap {
		e := &ts.heap[i]
		if int(e.a.index) != i+1 {
			require.Equal(t, i+1, int(e.a.index), "index of the entry at %d", i)
		}
		if i > 0 && e.before(&ts.heap[(i-1)/4]) {
			require.Fail(t, "heap order", "%v at %d is before its parent", *e, i)
		}
	}
}

// A model of timers: a slice that is searched.
type modelTimer struct {
	when time.Duration
	seq  int
	t    *Timer
}

func modelOrder(a, b modelTimer) int {
	return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.seq, b.seq))
}

// timersAgainstModel carries out steps, three bytes each: what, which timer, when.
func timersAgainstModel(t require.TestingT, steps []byte) {
	var ts timers
	var model []modelTimer
	all := make([]Timer, 64)
	seq := 0
	for len(steps) >= 3 {
		what, tm, when := steps[0]%8, &all[steps[1]%64], time.Duration(steps[2])
		steps = steps[3:]
		at := slices.IndexFunc(model, func(m modelTimer) bool { return m.t == tm })
		switch {
		case what < 5 && at < 0:
			seq++
			ts.start(&tm.alarm, when)
			model = append(model, modelTimer{when, seq, tm})
		case what < 7:
			if ts.stop(&tm.alarm) != (at >= 0) {
				require.Fail(t, "stop tells whether the timer was armed")
			}
			if at >= 0 {
				model = slices.Delete(model, at, at+1)
			}
		case len(model) > 0: // the first fires
			first := slices.MinFunc(model, modelOrder)
			require.Same(t, &first.t.alarm, ts.heap[0].a)
			require.Equal(t, first.when, ts.next())
			ts.stop(&first.t.alarm)
			model = slices.DeleteFunc(model, func(m modelTimer) bool { return m == first })
		default:
			require.Equal(t, Never, ts.next())
		}
		checkHeap(t, &ts)
		require.Equal(t, len(model), len(ts.heap))
	}
	slices.SortFunc(model, modelOrder)
	for _, m := range model {
		require.Same(t, &m.t.alarm, ts.heap[0].a)
		ts.stop(&m.t.alarm)
	}
	require.Empty(t, ts.heap)
}

func TestTimersAgainstASortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		timersAgainstModel(t, rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "steps"))
	})
}

func FuzzTimers(f *testing.F) {
	f.Add([]byte{0, 1, 9, 0, 2, 9, 0, 3, 1, 7, 0, 0, 5, 2, 0})
	f.Fuzz(func(t *testing.T, steps []byte) { timersAgainstModel(t, steps) })
}

func TestAMillionTimers(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 50_000
	}
	random := rand.New(rand.NewPCG(1, 2))
	var ts timers
	all := make([]Timer, n)
	when := make([]time.Duration, n)
	for i := range all {
		when[i] = time.Duration(random.IntN(n))
		ts.start(&all[i].alarm, when[i])
	}
	checkHeap(t, &ts)
	stopped := 0
	for i := range all {
		if random.IntN(2) == 0 {
			require.True(t, ts.stop(&all[i].alarm))
			stopped++
		}
	}
	checkHeap(t, &ts)
	last := entry{when: -1}
	for range n - stopped {
		e := ts.heap[0]
		if e.before(&last) {
			require.Fail(t, "out of order", "%v after %v", e, last)
		}
		ts.stop(e.a)
		last = e
	}
	require.Empty(t, ts.heap)
	require.LessOrEqual(t, cap(ts.heap), 1024, "the memory of the peak is given back")
}

func TestAfterDoesNotOverflow(t *testing.T) {
	s := New(Config{Clock: clockAt(time.Hour)})
	require.Equal(t, Never, s.After(math.MaxInt64))
	require.Equal(t, Never, s.After(Never-time.Hour))
	require.Equal(t, Never-1, s.After(Never-time.Hour-1))
	require.Equal(t, time.Hour, s.After(math.MinInt64))
	require.Equal(t, time.Hour, s.After(0))
	require.NoError(t, s.Close())
}

type clockAt time.Duration

func (c clockAt) Now() time.Duration { return time.Duration(c) }

// raceEnabled is set by race_test.go: everything takes some ten times as long then.
var raceEnabled bool

// goroutineIdentity is set where coro tells goroutines apart, not threads, which is slow, and takes a user's iter.Pull
// for foreign.
var goroutineIdentity = runtime.GOARCH == "wasm"

// For the external tests.

func RaceEnabled() bool       { return raceEnabled }
func GoroutineIdentity() bool { return goroutineIdentity }
