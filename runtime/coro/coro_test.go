package coro

import (
	"iter"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// enter makes the test a main coroutine; when the test ends, no coroutine and no goroutine may be left.
func enter(t *testing.T) *Thread {
	t.Helper()
	require.Nil(t, Current(), "an earlier test has not left the thread")
	noGoroutines(t)
	th := Enter()
	t.Cleanup(func() {
		require.NoError(t, th.Leave())
		require.Nil(t, Current())
		noGoroutines(t)
	})
	return th
}

// noGoroutines waits until there are no others than the test's, so that runtime.NumGoroutine can be relied on.
func noGoroutines(t *testing.T) {
	t.Helper()
	goleak.VerifyNone(t, // but in a browser, with -cpuprofile, and with -trace there are these
		goleak.IgnoreAnyFunction("runtime.handleEvent"),
		goleak.IgnoreAnyFunction("runtime/pprof.profileWriter"),
		goleak.IgnoreAnyFunction("runtime/trace.Start.func1"))
}

// A task is a coroutine made of a function, and of the one that follows it.
type task struct {
	Coroutine
	body func()
	next *Coroutine // runs when body has ended
	exit *Exit
	ends int
}

func (k *task) Run() { k.body() }

func (k *task) Finished(e *Exit) *Coroutine {
	k.exit = e
	k.ends++
	return k.next
}

// newTask returns an unstarted coroutine that goes back to the main one at its end.
func newTask(th *Thread, body func()) *task {
	k := &task{body: body, next: th.Main()}
	k.Init(th, k)
	return k
}

func TestStates(t *testing.T) {
	th := enter(t)
	var k *task
	var during State
	k = newTask(th, func() {
		during = k.State()
		require.Equal(t, Suspended, th.Main().State())
		require.Same(t, &k.Coroutine, th.Current())
		require.Equal(t, 1, th.Live())
		th.Main().Switch()
	})
	require.Equal(t, Running, th.Main().State())
	require.Equal(t, Unstarted, new(Coroutine).State())
	require.Nil(t, new(Coroutine).Thread())
	require.Same(t, th, k.Thread())
	require.Equal(t, Unstarted, k.State())
	require.Zero(t, th.Live())
	k.Switch()
	require.Equal(t, Running, during)
	require.Equal(t, Suspended, k.State())
	require.Equal(t, 1, th.Live())
	require.Same(t, th.Main(), th.Current())
	k.Switch()
	require.Equal(t, Done, k.State())
	require.Zero(t, th.Live())
	require.Nil(t, k.exit)
	require.Equal(t, 1, k.ends)

	require.Equal(t, "unstarted running suspended done",
		strings.Join([]string{Unstarted.String(), Running.String(), Suspended.String(), Done.String()}, " "))
}

func TestSwitchToOneself(t *testing.T) {
	th := enter(t)
	th.Main().Switch()
	k := newTask(th, func() { th.Current().Switch() })
	k.Switch()
	require.Equal(t, Done, k.State())
}

func TestDoneCoroutineCanBeInitialisedAnew(t *testing.T) {
	th := enter(t)
	k := newTask(th, func() {})
	for range 3 {
		k.Init(th, k)
		k.Switch()
	}
	require.Equal(t, 3, k.ends)
}

func TestOnEndAndOnDoom(t *testing.T) {
	th := enter(t)
	var ended []*Coroutine
	th.OnEnd(func(c *Coroutine) { ended = append(ended, c) })
	k := newTask(th, func() {})
	g := newTask(th, runtime.Goexit)
	k.Switch()
	g.Switch()
	require.Equal(t, []*Coroutine{&k.Coroutine, &g.Coroutine}, ended)
	var doomed []*Coroutine
	th.OnDoom(func(c *Coroutine) { doomed = append(doomed, c) })
	d := newTask(th, func() {
		th.Current().Doom()
		runtime.Goexit()
	})
	d.Switch()
	require.Equal(t, []*Coroutine{&d.Coroutine}, doomed)
	th.OnDoom(nil)
	th.OnEnd(nil)
	k.Init(th, k)
	k.Switch()
	require.Len(t, ended, 3)
}

func TestDiscard(t *testing.T) {
	th := enter(t)
	k := newTask(th, func() { t.Error("the body ran") })
	k.Discard()
	require.Equal(t, Done, k.State())
	require.Zero(t, k.ends)
	require.PanicsWithValue(t, "coro: Discard of a done coroutine; only an unstarted one can be discarded", k.Discard)
	require.PanicsWithValue(t, "coro: Discard of a running coroutine; only an unstarted one can be discarded", th.Main().Discard)

	k = newTask(th, th.Main().Switch)
	k.Switch()
	require.PanicsWithValue(t, "coro: Discard of a suspended coroutine; only an unstarted one can be discarded", k.Discard)
	k.Switch()
}

func TestMisuse(t *testing.T) {
	th := enter(t)
	k := newTask(th, func() {})
	require.PanicsWithValue(t, "coro: Init needs a Thread and a Runner", func() { new(Coroutine).Init(nil, k) })
	require.PanicsWithValue(t, "coro: Init needs a Thread and a Runner", func() { new(Coroutine).Init(th, nil) })
	require.PanicsWithValue(t, "coro: Switch to a coroutine that was never initialised; call Init first", new(Coroutine).Switch)

	suspendedOnce := newTask(th, th.Main().Switch)
	suspendedOnce.Switch()
	suspendedOnce.Switch()
	k.Switch()
	for _, done := range []*task{k, suspendedOnce} {
		require.PanicsWithValue(t, "coro: Switch to a coroutine that is done; check State before switching", done.Switch)
	}
	require.Equal(t, Running, th.Main().State())
}

const otherThread = "coro: Switch from another OS thread than the coroutine's own; a coroutine runs only on the thread " +
	"whose Enter made its Thread: hand work to that thread instead of switching to it"

func TestSwitchFromElsewhere(t *testing.T) {
	th := enter(t)
	unstarted := newTask(th, func() {})
	suspended := newTask(th, th.Main().Switch)
	suspended.Switch()
	elsewhere := func(t *testing.T) {
		for _, c := range []*Coroutine{&unstarted.Coroutine, &suspended.Coroutine, th.Main()} {
			require.PanicsWithValue(t, otherThread, c.Switch)
		}
	}
	onGoroutine(func() {
		require.Nil(t, Current())
		require.False(t, th.Here())
		elsewhere(t)
	})
	onGoroutine(func() {
		other := Enter()
		require.NotSame(t, th, other)
		elsewhere(t)
		inside := newTask(other, func() { elsewhere(t) })
		inside.Switch()
		require.Nil(t, inside.exit)
		require.NoError(t, other.Leave())
	})
	require.Equal(t, Unstarted, unstarted.State())
	suspended.Switch()
	require.Equal(t, Done, suspended.State())
}

func onGoroutine(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func TestRingOrder(t *testing.T) {
	th := enter(t)
	var trace strings.Builder
	const size, laps = 4, 3
	var ring [size]*task
	for i := range ring {
		ring[i] = newTask(th, func() {
			for range laps {
				trace.WriteByte(byte('a' + i))
				ring[(i+1)%size].Switch()
			}
			trace.WriteByte(byte('A' + i))
		})
	}
	for i := range size - 1 {
		ring[i].next = &ring[i+1].Coroutine
	}
	ring[0].Switch()
	require.Equal(t, "abcdabcdabcdABCD", trace.String())
}

func TestUnstartedCostsNoGoroutine(t *testing.T) {
	th := enter(t)
	before := runtime.NumGoroutine()
	tasks := make([]*task, 1000)
	for i := range tasks {
		tasks[i] = newTask(th, func() {})
	}
	require.Equal(t, before, runtime.NumGoroutine())
}

// The next one is unstarted: it runs on the goroutine of the one that finished, and nobody else's turn comes between.
func TestNextUnstartedRunsOnTheSameGoroutine(t *testing.T) {
	th := enter(t)
	before := runtime.NumGoroutine()
	var goroutines []uintptr
	const length = 100
	chain := make([]*task, length)
	for i := range chain {
		chain[i] = newTask(th, func() { goroutines = append(goroutines, goroutineID()) })
		if i > 0 {
			chain[i-1].next = &chain[i].Coroutine
		}
	}
	chain[0].Switch()
	require.Len(t, goroutines, length)
	for _, g := range goroutines {
		require.Equal(t, goroutines[0], g)
	}
	require.Equal(t, before+2, runtime.NumGoroutine()) // the other one is that of hiring
}

func TestFinishedGoroutinesAreReused(t *testing.T) {
	th := enter(t)
	before := runtime.NumGoroutine()
	for range 1000 {
		newTask(th, func() {}).Switch()
	}
	require.Equal(t, before+2, runtime.NumGoroutine())
}

func TestIdleGoroutinesAreBounded(t *testing.T) {
	th := enter(t)
	before := runtime.NumGoroutine()
	tasks := make([]*task, maxIdle+100)
	for i := range tasks {
		tasks[i] = newTask(th, th.Main().Switch)
		tasks[i].Switch()
	}
	require.Equal(t, before+1+len(tasks), runtime.NumGoroutine())
	for _, k := range tasks {
		k.Switch()
	}
	require.Equal(t, before+1+maxIdle, runtime.NumGoroutine())
	require.Len(t, th.idle, maxIdle)
} // and enter checks that Leave ends them all

// An idle goroutine keeps nothing of the coroutine that ran on it last.
func TestIdleGoroutineHoldsNoGarbage(t *testing.T) {
	th := enter(t)
	freed := make(chan struct{})
	func() {
		k := newTask(th, func() {})
		runtime.AddCleanup(k, func(ch chan struct{}) { close(ch) }, freed)
		k.Switch()
	}()
	for range 10 {
		runtime.GC()
		select {
		case <-freed:
			return
		default:
			runtime.Gosched()
		}
	}
	<-freed
}

func TestFinishedMaySwitch(t *testing.T) {
	th := enter(t)
	f := &lingering{th: th}
	f.Init(th, f)
	f.Switch()
	require.Equal(t, Suspended, f.State())
	f.Switch()
	require.Equal(t, Done, f.State())
}

type lingering struct {
	Coroutine
	th *Thread
}

func (l *lingering) Run() {}

func (l *lingering) Finished(*Exit) *Coroutine {
	l.th.Main().Switch()
	return l.th.Main()
}

// A sequence of the user's own iter.Pull runs on a goroutine that coro knows nothing of, and switches away from there.
func TestSwitchInsideNestedPull(t *testing.T) {
	if perGoroutine {
		t.Skip("a nested iter.Pull is another goroutine")
	}
	th := enter(t)
	var trace []string
	log := func(s string) { trace = append(trace, s) }
	var k *task
	k = newTask(th, func() {
		next, stop := iter.Pull(func(yield func(string) bool) {
			require.Same(t, th, Current())
			require.Same(t, &k.Coroutine, th.Current())
			for _, v := range []string{"x", "y"} {
				log("parks before " + v)
				th.Main().Switch()
				if !yield(v) {
					return
				}
			}
		})
		defer stop()
		for v, ok := next(); ok; v, ok = next() {
			log("got " + v)
			th.Main().Switch()
		}
	})
	for i := 0; k.State() != Done; i++ {
		k.Switch()
		log("main")
	}
	require.Equal(t, "parks before x, main, got x, main, parks before y, main, got y, main, main", strings.Join(trace, ", "))
}

func TestSwitchInsideRangeOverFunc(t *testing.T) {
	th := enter(t)
	sum := 0
	k := newTask(th, func() {
		seq := func(yield func(int) bool) {
			for i := 1; ; i++ {
				th.Main().Switch()
				if !yield(i) {
					return
				}
			}
		}
		for v := range seq {
			th.Main().Switch()
			if sum += v; v == 4 {
				break
			}
		}
	})
	switches := 0
	for ; k.State() != Done; switches++ {
		k.Switch()
	}
	require.Equal(t, 10, sum)
	require.Equal(t, 9, switches)
}

// Stacks grow, and move, while others are suspended; a switch at each depth, down and up again.
func TestDeepStacks(t *testing.T) {
	th := enter(t)
	const count, depth = 4, 2000
	var deep func(k int, n int) int
	tasks := make([]*task, count)
	deep = func(k, n int) int {
		var frame [128]byte
		frame[n%len(frame)] = byte(n)
		tasks[(k+1)%count].Switch()
		sum := 0
		if n > 0 {
			sum = deep(k, n-1)
		}
		tasks[(k+1)%count].Switch()
		return sum + int(frame[n%len(frame)])
	}
	sums := make([]int, count)
	for i := range tasks {
		tasks[i] = newTask(th, func() { sums[i] = deep(i, depth) })
		if i > 0 {
			tasks[i-1].next = &tasks[i].Coroutine
		}
	}
	tasks[0].Switch()
	want := 0
	for n := range depth + 1 {
		want += n % 256
	}
	for _, sum := range sums {
		require.Equal(t, want, sum)
	}
}

func TestLockedAndUnlockedBeforeSwitching(t *testing.T) {
	th := enter(t)
	k := newTask(th, func() {
		for range 3 {
			runtime.LockOSThread()
			runtime.LockOSThread()
			runtime.UnlockOSThread()
			runtime.UnlockOSThread()
			th.Main().Switch()
		}
	})
	for k.State() != Done {
		k.Switch()
	}
	require.Nil(t, k.exit)
}

func TestInsideSynctestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := Enter()
		a, b := newTask(th, func() {}), newTask(th, func() {})
		for _, k := range []*task{a, b} {
			k.body = func() {
				for range 3 {
					th.Main().Switch()
					synctest.Wait()
				}
				runtime.Goexit()
			}
		}
		for a.State() != Done {
			a.Switch()
			b.Switch()
		}
		newTask(th, func() {}).Switch()
		require.NoError(t, th.Leave())
	}) // panics if a goroutine is left
}

// Depart and Arrive are Switch in two halves.
func TestDepartAndArrive(t *testing.T) {
	th := enter(t)
	var order []string
	k := newTask(th, func() {
		order = append(order, "in")
		half(th.Main())
		order = append(order, "in again")
	})
	half(&k.Coroutine)
	order = append(order, "out")
	half(&k.Coroutine)
	require.Equal(t, []string{"in", "out", "in again"}, order)
	require.Equal(t, Done, k.State())
	require.PanicsWithValue(t, "coro: Depart to the coroutine that is running; call Switch, which allows it", func() { th.Main().Depart() })
	require.PanicsWithValue(t, "coro: Switch to a coroutine that is done; check State before switching", func() { k.Depart() })
}

func half(c *Coroutine) {
	a := c.Thread().Current()
	if next, yield := c.Depart(); yield != nil {
		yield(struct{}{})
	} else {
		next()
	}
	a.Arrive()
}
