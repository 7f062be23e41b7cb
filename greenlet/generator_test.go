package greenlet

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/runtime/coro"
)

func count(n int) *Generator[int, string] {
	return Generate(func(y *Yielder[int, string]) error {
		for i := range n {
			y.Yield(i)
		}
		return nil
	})
}

// everywhere runs fn on a plain goroutine, in Run, in a greenlet, in a task, and inside another generator.
func everywhere(t *testing.T, fn func(t *testing.T)) {
	t.Run("plain", func(t *testing.T) { clean(t); fn(t); clean(t) })
	t.Run("Run", func(t *testing.T) { run(t, func() error { fn(t); return nil }) })
	t.Run("greenlet", func(t *testing.T) {
		run(t, func() error {
			_, err := New(func(...any) (any, error) { fn(t); return nil, nil }).Switch()
			return err
		})
	})
	t.Run("task", func(t *testing.T) { runTasks(t, func(o *loop) { o.spawn(func() { fn(t) }) }) })
	t.Run("generator", func(t *testing.T) {
		clean(t)
		for range Generate(func(y *Yielder[int, int]) error { fn(t); y.Yield(1); return nil }).All() {
		}
		clean(t)
	})
}

func TestNextToTheEnd(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := count(2)
		for i := range 2 {
			v, ok := g.Next()
			require.True(t, ok)
			require.Equal(t, i, v)
			require.NoError(t, g.Err())
		}
		for range 2 {
			v, ok := g.Next()
			require.False(t, ok)
			require.Zero(t, v)
			require.NoError(t, g.Err())
			_, err := g.Send("late")
			require.ErrorIs(t, err, ErrStop)
		}
		require.NoError(t, g.Close())
	})
}

func TestSendIsWhatYieldReturns(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		g := Generate(func(y *Yielder[int, string]) error {
			deeper := func(n int) string { return y.Yield(n) }
			l.add("got " + deeper(1))
			l.add("got " + deeper(2))
			l.add("got " + deeper(3))
			return errTea
		})
		_, err := g.Send("too early")
		require.ErrorIs(t, err, ErrNotStarted)
		v, ok := g.Next()
		require.True(t, ok)
		require.Equal(t, 1, v)
		v, err = g.Send("a")
		require.NoError(t, err)
		require.Equal(t, 2, v)
		v, ok = g.Next()
		require.True(t, ok)
		require.Equal(t, 3, v)
		for range 2 {
			_, err = g.Send("b")
			require.ErrorIs(t, err, errTea)
			require.ErrorIs(t, g.Err(), errTea)
		}
		l.is("got a", "got ", "got b")
	})
}

func TestAll(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		body := func(y *Yielder[int, string]) error {
			defer l.add("ends")
			for i := 0; ; i++ {
				y.Yield(i)
			}
		}
		g := Generate(body)
		for v := range g.All() {
			l.add(fmt.Sprint(v))
			if v == 2 {
				break
			}
		}
		for range g.All() {
			l.add("never")
		}
		func() {
			defer func() { l.add(fmt.Sprint(recover())) }()
			for range Generate(body).All() {
				panic("in the loop")
			}
		}()
		l.is("0", "1", "2", "ends", "ends", "in the loop")
	})
}

func TestCloseRunsDeferredFunctions(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		g := Generate(func(y *Yielder[int, string]) error {
			defer func() { l.add(fmt.Sprint("deferred ", recover())) }()
			y.Yield(1)
			l.add("never")
			return errTea
		})
		g.Next()
		require.NoError(t, g.Close())
		require.NoError(t, g.Close())
		require.NoError(t, g.Err())
		l.is("deferred <nil>")

		g = Generate(func(*Yielder[int, string]) error { l.add("never"); return nil })
		require.NoError(t, g.Close())
		_, ok := g.Next()
		require.False(t, ok)
		l.is("deferred <nil>")
	})
}

// CPython: "generator ignored GeneratorExit".
func TestYieldWhileClosing(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		g := Generate(func(y *Yielder[int, string]) error {
			defer l.add("2")
			defer func() {
				l.add("1")
				y.Yield(2)
				l.add("never")
			}()
			y.Yield(1)
			return nil
		})
		g.Next()
		require.ErrorIs(t, g.Close(), ErrIgnored)
		require.ErrorIs(t, g.Err(), ErrIgnored)
		require.NoError(t, g.Close())
		l.is("1", "2")
	})
}

// CPython: "generator already executing".
func TestReentrancy(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		var g *Generator[int, string]
		g = Generate(func(y *Yielder[int, string]) error {
			v, ok := g.Next()
			require.Zero(t, v)
			require.False(t, ok)
			require.ErrorIs(t, g.Err(), ErrExecuting)
			_, err := g.Send("")
			require.ErrorIs(t, err, ErrExecuting)
			require.ErrorIs(t, g.Close(), ErrExecuting)
			for range g.All() {
				t.Error("never")
			}
			y.Yield(1)
			return nil
		})
		v, ok := g.Next()
		require.True(t, ok)
		require.Equal(t, 1, v)
		require.NoError(t, g.Err())
		require.NoError(t, g.Close())
	})
}

func TestPanicInABodyGoesOnInItsConsumer(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		inner := Generate(func(y *Yielder[int, string]) error { y.Yield(1); spill(); return nil })
		outer := Generate(func(y *Yielder[int, string]) error {
			for v := range inner.All() {
				y.Yield(v)
			}
			return nil
		})
		outer.Next()
		require.PanicsWithValue(t, "spilt", func() { outer.Next() })
		_, ok := outer.Next()
		require.False(t, ok)
		var p *PanicError
		require.ErrorAs(t, outer.Err(), &p)
		require.Equal(t, "spilt", p.Value)
		require.Contains(t, string(p.Stack), "greenlet.spill")
		require.Same(t, inner.Err(), outer.Err())

		g := Generate(func(y *Yielder[int, string]) error { defer spill(); y.Yield(1); return nil })
		g.Next()
		require.PanicsWithValue(t, "spilt", func() { _ = g.Close() })
	})
}

func TestGoexitInABodyGoesOnInItsConsumer(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		g := Generate(func(*Yielder[int, string]) error { defer l.add("body"); runtime.Goexit(); return nil })
		l.got("main")(New(func(...any) (any, error) {
			defer l.add("consumer")
			g.Next()
			l.add("never")
			return nil, nil
		}).Switch())
		require.ErrorIs(t, g.Err(), ErrExit)
		return nil
	})
	l.is("body", "consumer", "main got greenlet: exit <nil>")
}

// A generator runs as a part of its consumer: Current and Switch mean inside it what they mean there.
func TestSwitchInsideABodySuspendsTheConsumer(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		main := Current()
		var g *Greenlet
		var gen *Generator[int, int]
		g = New(func(...any) (any, error) {
			gen = Generate(func(y *Yielder[int, int]) error {
				require.Same(t, g, Current())
				l.got("body")(main.Switch("from the body"))
				y.Yield(1)
				require.Same(t, main, Current())
				return nil
			})
			v, ok := gen.Next()
			return fmt.Sprint(v, ok), nil
		})
		l.got("main")(g.Switch())
		_, ok := gen.Next()
		require.False(t, ok)
		require.ErrorIs(t, gen.Err(), ErrExecuting)
		l.got("main")(g.Switch("into the body"))
		_, ok = gen.Next()
		require.False(t, ok)
		require.NoError(t, gen.Err())
		return nil
	})
	l.is("main got from the body <nil>", "body got into the body <nil>", "main got 1 true <nil>")
}

func TestKillReachesAGreenletInsideItsGenerator(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		for range 2 { // the first is killed, the second is left to the end of Run
			g := New(func(...any) (any, error) {
				defer l.add("greenlet")
				for range Generate(func(*Yielder[int, int]) error {
					defer l.add("body")
					Current().Parent().Switch()
					return nil
				}).All() {
				}
				return nil, nil
			})
			g.Switch()
			if len(l.lines) == 0 {
				l.got("main")(g.Kill())
			}
		}
		return nil
	})
	l.is("body", "greenlet", "main got greenlet: exit <nil>", "body", "greenlet")
}

// test_generator_nested::test_layered_genlets, and Yield(v, level=2) to an outer consumer.
func TestYieldOfAnOuterGenerator(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		var got []int
		outer := Generate(func(out *Yielder[int, int]) error {
			for v := range Generate(func(in *Yielder[int, int]) error {
				for i := range 3 {
					out.Yield(10 + i)
					in.Yield(i)
				}
				return nil
			}).All() {
				out.Yield(20 + v)
			}
			return nil
		})
		for v := range outer.All() {
			got = append(got, v)
		}
		require.Equal(t, []int{10, 20, 11, 21, 12, 22}, got)

		outer = Generate(func(out *Yielder[int, int]) error {
			for range Generate(func(*Yielder[int, int]) error { out.Yield(1); return nil }).All() {
			}
			return nil
		})
		outer.Next()
		require.NoError(t, outer.Close(), "closed while the inner one waits in its Yield")
	})
}

// test_generator_nested::test_permutations
func TestPermutations(t *testing.T) {
	var permute func(y *Yielder[[]int, struct{}], a []int, k int)
	permute = func(y *Yielder[[]int, struct{}], a []int, k int) {
		if k == len(a) {
			y.Yield(append([]int(nil), a...))
		}
		for i := k; i < len(a); i++ {
			a[k], a[i] = a[i], a[k]
			permute(y, a, k+1)
			a[k], a[i] = a[i], a[k]
		}
	}
	clean(t)
	seen := map[string]bool{}
	for p := range Generate(func(y *Yielder[[]int, struct{}]) error { permute(y, []int{1, 2, 3, 4}, 0); return nil }).All() {
		seen[fmt.Sprint(p)] = true
	}
	require.Len(t, seen, 24)
	clean(t)
}

const yieldOutside = "greenlet: Yield outside the body of its generator; only the body, and the generators that run inside it, " +
	"may yield its values"

func TestYieldOutsideTheBody(t *testing.T) {
	run(t, func() error {
		var kept *Yielder[int, int]
		g := Generate(func(y *Yielder[int, int]) error {
			kept = y
			y.Yield(1)
			_, err := New(func(...any) (any, error) {
				require.PanicsWithValue(t, yieldOutside, func() { y.Yield(2) })
				return nil, nil
			}).Switch()
			return err
		})
		g.Next()
		require.PanicsWithValue(t, yieldOutside, func() { kept.Yield(1) })
		g.Next()
		require.NoError(t, g.Err())
		require.PanicsWithValue(t, yieldOutside, func() { kept.Yield(1) })
		require.PanicsWithValue(t, "greenlet: Generate needs a function, got nil", func() { Generate[int, int](nil) })
		return nil
	})
}

// One that waits in a Yield goes on as a part of whichever task asks next; one that waits in its task is executing.
func TestGeneratorSharedByTasks(t *testing.T) {
	l := &log{t: t}
	runTasks(t, func(o *loop) {
		g := Generate(func(y *Yielder[int, int]) error {
			for i := range 4 {
				y.Yield(i)
				o.yield()
			}
			return nil
		})
		for _, name := range []string{"a", "b"} {
			o.spawn(func() {
				for range 3 {
					v, ok := g.Next()
					l.add(fmt.Sprint(name, v, ok, g.Err()))
				}
				require.NoError(t, Leave())
			})
		}
	})
	l.is("a0 true <nil>", "b0 false greenlet: generator already executing", "b0 false greenlet: generator already executing",
		"b0 false greenlet: generator already executing", "a1 true <nil>", "a2 true <nil>")
}

func TestGeneratorsHoldThePlainGoroutineTogether(t *testing.T) {
	clean(t)
	a, b := count(1), count(2)
	a.Next()
	b.Next()
	a.Next()
	require.NoError(t, Run(func() error { count(3).Next(); return nil }))
	v, ok := b.Next()
	require.True(t, ok, "it was started before Run")
	require.Equal(t, 1, v)
	require.NoError(t, b.Close())
	clean(t)

	a = count(2)
	a.Next()
	require.NoError(t, Leave())
	clean(t)
	_, ok = a.Next()
	require.False(t, ok)
}

func TestGeneratorPullsAndIsPulled(t *testing.T) {
	body := func(y *Yielder[int, int]) error {
		next, stop := iter.Pull(func(yield func(int) bool) { _ = yield(1) && yield(2) })
		defer stop()
		for v, ok := next(); ok; v, ok = next() {
			y.Yield(v)
		}
		return nil
	}
	everywhere(t, func(t *testing.T) {
		var got []int
		for v := range Generate(body).All() {
			got = append(got, v)
		}
		require.Equal(t, []int{1, 2}, got)
	})
	run(t, func() error {
		known, stop := iter.Pull(func(yield func(bool) bool) { yield(coro.Current() != nil) })
		defer stop()
		if here, _ := known(); !here {
			return nil // package coro tells goroutines apart there, not threads, and refuses it
		}
		next, stop := iter.Pull(Generate(body).All())
		defer stop()
		for want := 1; want <= 2; want++ {
			v, ok := next()
			require.True(t, ok)
			require.Equal(t, want, v)
		}
		return nil
	})
	next, stop := iter.Pull(Generate(body).All())
	defer stop()
	require.PanicsWithValue(t, "coro: the first Enter of this goroutine is inside an iter.Pull that it made: locking it to its thread now would end "+
		"the process at the next switch of that Pull; make the Pull inside, or enter before", func() { next() })
	clean(t)
}
