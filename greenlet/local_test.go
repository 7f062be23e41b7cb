package greenlet

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/runtime/coro"
)

const elsewhere = " from another thread than the greenlet's or generator's own; each belongs to the goroutine that made or " +
	"started it: hand the work to that goroutine, by a channel or a scheduler's Post, and switch there"

// test_switch_to_another_thread, test_switching_many_threads: refused, without an effect on the target.
func TestUseFromAnotherThread(t *testing.T) {
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) { return main.Switch("ready") })
		fresh := New(func(...any) (any, error) { return "fresh", nil })
		gen := Generate(func(y *Yielder[int, int]) error { y.Yield(1); y.Yield(2); return nil })
		gen.Next()
		g.Switch()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_ = Run(func() error {
					require.PanicsWithValue(t, "greenlet: Switch"+elsewhere, func() { g.Switch() })
					require.PanicsWithValue(t, "greenlet: Switch"+elsewhere, func() { fresh.Switch() })
					require.PanicsWithValue(t, "greenlet: Throw"+elsewhere, func() { g.Throw(nil) })
					require.PanicsWithValue(t, "greenlet: Kill"+elsewhere, func() { g.Kill() })
					require.PanicsWithValue(t, "greenlet: NewChild"+elsewhere, func() { NewChild(main, g.flow.run) })
					require.PanicsWithValue(t, "greenlet: Next"+elsewhere, func() { gen.Next() })
					require.PanicsWithValue(t, "greenlet: Send"+elsewhere, func() { _, _ = gen.Send(1) })
					require.PanicsWithValue(t, "greenlet: Close"+elsewhere, func() { _ = gen.Close() })
					require.ErrorIs(t, New(func(...any) (any, error) { return nil, nil }).SetParent(main), ErrForeign, "test_threaded_reparent")
					return nil
				})
			})
		}
		wg.Wait()
		v, err := g.Switch("done")
		require.NoError(t, err)
		require.Equal(t, "done", v)
		v, _ = fresh.Switch()
		require.Equal(t, "fresh", v)
		n, ok := gen.Next()
		require.True(t, ok)
		require.Equal(t, 2, n)
		return nil
	})
}

func TestFirstCallAdoptsTheGoroutineAndLeaveUndoesIt(t *testing.T) {
	clean(t)
	require.NoError(t, Leave(), "there is nothing to leave")
	l := &log{t: t}
	g := New(l.waiting("g"))
	require.NotNil(t, coro.Current())
	fresh := New(l.waiting("never started"))
	main := Current()
	g.Switch()
	require.NoError(t, Run(func() error { New(l.waiting("in Run")).Switch(); return nil }), "an inner Run only calls the function")
	l.is()
	require.NoError(t, Leave())
	l.is("in Run ends", "g ends")
	clean(t)
	require.True(t, main.Dead())
	require.True(t, g.Dead())
	require.False(t, fresh.Dead())
	const left = "greenlet: Switch of a greenlet or generator whose goroutine has left its thread, by Leave or at the end of Run; make a new one"
	require.PanicsWithValue(t, left, func() { fresh.Switch() })
	run(t, func() error {
		require.PanicsWithValue(t, left, func() { main.Switch() })
		return nil
	})
}

func TestLeaveIsForTheRoot(t *testing.T) {
	run(t, func() error {
		const text = "greenlet: Leave inside a greenlet or a generator; it ends all of them, so call it in the root greenlet, that started them"
		_, err := New(func(...any) (any, error) {
			require.PanicsWithValue(t, text, func() { _ = Leave() })
			return nil, Run(func() error { return errTea })
		}).Switch()
		require.ErrorIs(t, err, errTea)
		for range Generate(func(*Yielder[int, int]) error {
			require.PanicsWithValue(t, text, func() { _ = Leave() })
			return nil
		}).All() {
		}
		require.PanicsWithValue(t, "greenlet: Kill of a root greenlet, which stands for a goroutine or a task; Throw an error at it, or kill the task",
			func() { Current().Kill() })
		return nil
	})
}

// A loop runs tasks in the order in which they become ready, and is all that this package sees of package sched: each
// task has a coroutine, and the one that is running when it parks is the one that is resumed.
type loop struct {
	th    *coro.Thread
	ready []*coro.Coroutine
}

type loopTask struct {
	coro.Coroutine
	loop *loop
	fn   func()
}

func (k *loopTask) Run() { k.fn() }

func (k *loopTask) Finished(*coro.Exit) *coro.Coroutine { return k.loop.next() }

func (o *loop) next() *coro.Coroutine {
	if len(o.ready) == 0 {
		return o.th.Main()
	}
	c := o.ready[0]
	o.ready = o.ready[1:]
	return c
}

func (o *loop) spawn(fn func()) {
	k := &loopTask{loop: o, fn: fn}
	k.Init(o.th, k)
	o.ready = append(o.ready, &k.Coroutine)
}

// yield parks the current task behind all others.
func (o *loop) yield() {
	o.ready = append(o.ready, o.th.Current())
	o.next().Switch()
}

// runTasks runs all that fn spawns.
func runTasks(t *testing.T, fn func(o *loop)) {
	t.Helper()
	clean(t)
	o := &loop{th: coro.Enter()}
	fn(o)
	o.next().Switch()
	require.NoError(t, Leave())
	require.NoError(t, o.th.Leave())
	clean(t)
}

func TestParkInsideAGreenletParksItsTaskAlone(t *testing.T) {
	l := &log{t: t}
	runTasks(t, func(o *loop) {
		for _, name := range []string{"a", "b"} {
			o.spawn(func() {
				g := New(func(...any) (any, error) {
					for i := range 2 {
						l.add(fmt.Sprint(name, " greenlet ", i))
						o.yield()
					}
					for v := range Generate(func(y *Yielder[string, int]) error {
						o.yield()
						y.Yield(name + " generator")
						return nil
					}).All() {
						l.add(v)
					}
					return name + " result", nil
				})
				l.got(name)(g.Switch())
			})
		}
	})
	l.is("a greenlet 0", "b greenlet 0", "a greenlet 1", "b greenlet 1", "a generator", "a got a result <nil>",
		"b generator", "b got b result <nil>")
}

func TestEachTaskHasATreeOfItsOwn(t *testing.T) {
	runTasks(t, func(o *loop) {
		var root, parked, waiting *Greenlet
		o.spawn(func() {
			root = Current()
			require.Nil(t, root.Parent())
			require.Regexp(t, `^root greenlet \d+ \(current\)$`, root.String())
			waiting = New(func(...any) (any, error) { return root.Switch() })
			waiting.Switch()
			parked = New(func(...any) (any, error) { o.yield(); return nil, nil })
			parked.Switch()
			waiting.Switch()
			require.NoError(t, Leave())
		})
		o.spawn(func() {
			require.NotSame(t, root, Current())
			require.Regexp(t, `^greenlet \d+ \(parked\)$`, parked.String())
			mine := New(func(...any) (any, error) { return nil, nil })
			for _, g := range []*Greenlet{root, waiting, parked} {
				const text = " of another task; only the greenlets of one task switch to one another: " +
					"wake the other task through its scheduler instead, with a queue or an event"
				require.PanicsWithValue(t, "greenlet: Switch to "+g.String()+text, func() { g.Switch() })
				require.PanicsWithValue(t, "greenlet: Throw to "+g.String()+text, func() { g.Throw(nil) })
				require.PanicsWithValue(t, "greenlet: NewChild to "+g.String()+text, func() { NewChild(g, mine.flow.run) })
				require.ErrorIs(t, mine.SetParent(g), ErrForeign)
				if g != root {
					require.PanicsWithValue(t, "greenlet: Kill to "+g.String()+text, func() { g.Kill() })
				}
			}
		})
	})
}

func TestWhatATaskLeavesIsEndedByLeave(t *testing.T) {
	l := &log{t: t}
	runTasks(t, func(o *loop) {
		o.spawn(func() {
			require.NoError(t, Run(func() error { New(l.waiting("scoped")).Switch(); return nil }))
		})
		o.spawn(func() { New(l.waiting("left over")).Switch() })
		o.spawn(func() {
			gen := Generate(func(y *Yielder[int, int]) error { defer l.add("generator ends"); y.Yield(1); return nil })
			gen.Next()
		})
	})
	require.ElementsMatch(t, []string{"scoped ends", "left over ends", "generator ends"}, l.lines)
}

// A greenlet whose task has ended belongs to whoever switches to it first, and ends into that.
func TestOrphansAreTakenOver(t *testing.T) {
	l := &log{t: t}
	runTasks(t, func(o *loop) {
		var g, sibling, fresh *Greenlet
		var root *Greenlet
		o.spawn(func() {
			root = Current()
			g = New(l.waiting("g"))
			sibling = New(l.waiting("sibling"))
			fresh = New(l.answering("fresh", "fresh ends", nil))
			g.Switch()
			sibling.Switch()
		})
		o.spawn(func() {
			require.True(t, root.Dead())
			require.Equal(t, "greenlet 2 (suspended)", g.String())
			l.got("heir")(g.Kill())
			l.got("heir")(sibling.Switch("end"))
			l.got("heir")(fresh.Switch())
			l.got("heir")(root.Switch("to the dead root"))
			require.Nil(t, root.Parent())
		})
	})
	l.is("g ends", "heir got greenlet: exit <nil>", "sibling got end <nil>", "sibling ends", "heir got end <nil>",
		"fresh starts with []", "heir got fresh ends <nil>", "heir got to the dead root <nil>")
}

func TestManyTasksLeaveNothing(t *testing.T) {
	runTasks(t, func(o *loop) {
		o.spawn(func() {
			for range 10_000 {
				o.spawn(func() {
					v, err := New(func(...any) (any, error) { return 1, nil }).Switch()
					require.NoError(t, err)
					require.Equal(t, 1, v)
				})
				o.yield()
			}
			require.LessOrEqual(t, len(enter().trees), 2*firstSweep)
		})
	})
}

func TestNoGoroutineIsLeft(t *testing.T) {
	clean(t)
	before := runtime.NumGoroutine()
	for range 50 {
		require.NoError(t, Run(func() error {
			for range 20 {
				New(func(...any) (any, error) { return Current().Parent().Switch() }).Switch()
			}
			require.GreaterOrEqual(t, runtime.NumGoroutine(), before+20)
			return nil
		}))
	}
	clean(t)
	require.Equal(t, before, runtime.NumGoroutine())
}

// Package coro may switch a greenlet away beneath this package, which then cannot resume it, and says so.
func TestSwitchedAwayByCoro(t *testing.T) {
	clean(t)
	th := coro.Enter()
	l := &log{t: t}
	var g *Greenlet
	err := Run(func() error {
		g = New(func(...any) (any, error) { th.Main().Switch(); l.add("g ends"); return nil, nil })
		l.got("main")(g.Switch())
		require.Equal(t, "greenlet 2 (parked)", g.String())
		text := "greenlet: " + g.String() + " waits in a scheduler or was switched away by package coro; only that can resume it"
		require.PanicsWithValue(t, text, func() { g.Switch() })
		require.PanicsWithValue(t, text, func() { g.Throw(nil) })
		require.PanicsWithValue(t, text, func() { g.Kill() })
		return errTea
	})
	require.ErrorIs(t, err, errTea)
	require.ErrorContains(t, err, "greenlet: 1 greenlets or generators could not be ended, as they wait in a scheduler or execute; let them finish first")
	g.flow.own.Switch()
	l.is("main got <nil> <nil>", "g ends")
	require.NoError(t, th.Leave())
	clean(t)
}
