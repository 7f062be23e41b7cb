package greenlet

import (
	"errors"
	"iter"
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var errBad = errors.New("bad bun")

func TestThrowEndsABodyThatDoesNotCatch(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		g := Generate(func(y *Yielder[int, int]) error {
			defer l.add("deferred")
			y.Yield(1)
			l.add("not reached")
			return nil
		})
		g.Next()
		_, err := g.Throw(errBad)
		require.Equal(t, errBad, err)
		require.Equal(t, errBad, g.Err())
		_, ok := g.Next()
		require.False(t, ok)
		_, err = g.Throw(errors.New("late"))
		require.EqualError(t, err, "late", "to one that has ended it comes straight back")
		require.Equal(t, errBad, g.Err())
		require.NoError(t, g.Close())
		l.is("deferred")
	})
}

func TestThrowIsCaughtByYieldErr(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := Generate(func(y *Yielder[string, int]) error {
			n, err := y.YieldErr("first")
			require.Zero(t, n)
			require.Equal(t, errBad, err)
			n, err = y.YieldErr("second")
			require.Equal(t, 2, n)
			require.NoError(t, err)
			_, err = y.YieldErr("third")
			return err
		})
		g.Next()
		v, err := g.Throw(errBad)
		require.NoError(t, err)
		require.Equal(t, "second", v)
		v, err = g.Send(2)
		require.NoError(t, err)
		require.Equal(t, "third", v)
		_, err = g.Throw(nil)
		require.Equal(t, ErrExit, err)
	})
}

func TestThrowAtOneThatHasNotStartedOrExecutes(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := Generate(func(*Yielder[int, int]) error { panic("not reached") })
		_, err := g.Throw(errBad)
		require.Equal(t, errBad, err)
		require.Equal(t, errBad, g.Err())
		_, err = g.Send(1)
		require.Equal(t, errBad, err)

		g = Generate(func(*Yielder[int, int]) error {
			_, err := g.Throw(errBad)
			return err
		})
		_, ok := g.Next()
		require.False(t, ok)
		require.Equal(t, ErrExecuting, g.Err())
	})
}

// A deferred function may yield while an error unwinds the body, as Python's finally may.
func TestYieldWhileAnErrorUnwinds(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := Generate(func(y *Yielder[string, int]) error {
			defer func() { y.Yield("cleaning") }()
			y.Yield("working")
			return nil
		})
		g.Next()
		v, err := g.Throw(errBad)
		require.NoError(t, err)
		require.Equal(t, "cleaning", v)
		_, ok := g.Next()
		require.False(t, ok)
		require.Equal(t, errBad, g.Err())
	})
}

func TestPanicWhileAnErrorUnwinds(t *testing.T) {
	run(t, func() error {
		g := Generate(func(y *Yielder[string, int]) error {
			defer func() { panic("in a deferred function") }()
			y.Yield("working")
			return nil
		})
		g.Next()
		require.PanicsWithValue(t, "in a deferred function", func() { _, _ = g.Throw(errBad) })
		require.ErrorContains(t, g.Err(), "in a deferred function")
		return nil
	})
}

// inner catches what is thrown and yields it back; it says what was sent.
func inner(l *log) *Computation[string, string, int] {
	return Compute(func(y *Yielder[string, string]) (int, error) {
		defer l.add("inner ends")
		text := "ready"
		for n := 0; ; n++ {
			in, err := y.YieldErr(text)
			switch {
			case err != nil && errors.Is(err, errBad):
				return n, err
			case err != nil:
				text = "caught " + err.Error()
			case in == "stop":
				return n, nil
			default:
				text = "got " + in
			}
		}
	})
}

func outer2(l *log, in *Computation[string, string, int]) *Generator[string, string] {
	return Generate(func(y *Yielder[string, string]) error {
		defer l.add("outer ends")
		y.Yield("before")
		err := y.From(in.Generator)
		n, failure := in.Result()
		require.Equal(l.t, err, failure)
		if err != nil {
			return err
		}
		y.Yield("after " + string(rune('0'+n)))
		return nil
	})
}

func TestFromDelegates(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		g := outer2(l, inner(l))
		answers := []string{}
		note := func(v string, err error) {
			require.NoError(t, err)
			answers = append(answers, v)
		}
		v, ok := g.Next()
		require.True(t, ok)
		note(v, nil)
		v, _ = g.Next()
		note(v, nil)
		note(g.Send("a"))
		note(g.Throw(errors.New("thrown")))
		note(g.Send("stop"))
		_, err := g.Send("")
		require.Equal(t, ErrStop, err)
		require.Equal(t, []string{"before", "ready", "got a", "caught thrown", "after 2"}, answers)
		l.is("inner ends", "outer ends")
	})
}

func TestFromPassesOnHowTheInnerOneEnds(t *testing.T) {
	run(t, func() error {
		l := &log{t: t}
		g := outer2(l, inner(l))
		g.Next()
		g.Next()
		_, err := g.Throw(errBad)
		require.Equal(t, errBad, err)
		l.is("inner ends", "outer ends")
		return nil
	})
}

func TestFromClosesTheInnerOne(t *testing.T) {
	run(t, func() error {
		l := &log{t: t}
		in := inner(l)
		g := outer2(l, in)
		g.Next()
		_, err := in.Result()
		require.Equal(t, ErrNotEnded, err)
		g.Next()
		require.NoError(t, g.Close())
		l.is("inner ends", "outer ends")
		_, err = in.Result()
		require.Equal(t, ErrExit, err)
		return nil
	})
}

func TestFromItself(t *testing.T) {
	run(t, func() error {
		var g *Generator[int, int]
		g = Generate(func(y *Yielder[int, int]) error {
			require.Equal(t, ErrExecuting, y.From(g))
			return nil
		})
		_, ok := g.Next()
		require.False(t, ok)
		return g.Err()
	})
}

func TestResult(t *testing.T) {
	run(t, func() error {
		var c *Computation[int, int, string]
		c = Compute(func(y *Yielder[int, int]) (string, error) {
			_, err := c.Result()
			require.Equal(t, ErrExecuting, err)
			y.Yield(1)
			return "result", nil
		})
		_, err := c.Result()
		require.Equal(t, ErrNotEnded, err)
		for range c.All() {
		}
		v, err := c.Result()
		require.Equal(t, "result", v)

		c = Compute(func(*Yielder[int, int]) (string, error) { panic("x") })
		require.Panics(t, func() { c.Next() })
		_, failure := c.Result()
		require.ErrorContains(t, failure, "panic: x")
		return err
	})
}

func TestFromSeq(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := FromSeq(slices.Values([]int{1, 2, 3}))
		require.Equal(t, []int{1, 2, 3}, slices.Collect(g.All()))
		require.NoError(t, g.Err())
	})
}

// The loop that feeds the sequence ends by break, so that code after it runs.
func TestFromSeqEndsEarly(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		l := &log{t: t}
		seq := func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
			}
			l.add("broke off")
		}
		for v := range FromSeq(seq).All() {
			if v == 2 {
				break
			}
		}
		g := FromSeq(seq)
		g.Next()
		_, err := g.Throw(errBad)
		require.Equal(t, errBad, err)
		require.Equal(t, errBad, g.Err())
		l.is("broke off", "broke off")

		stubborn := FromSeq(func(yield func(int) bool) {
			for {
				yield(0)
			}
		})
		stubborn.Next()
		require.Equal(t, ErrIgnored, stubborn.Close())
	})
}

func TestPairs(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		ages := map[string]int{"a": 1, "b": 2}
		require.Equal(t, ages, maps.Collect(All2(FromSeq2(maps.All(ages)))))
		for k := range All2(FromSeq2(maps.All(ages))) {
			require.Contains(t, ages, k)
			break
		}
	})
}

func TestResults(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		g := Generate(func(y *Yielder[int, struct{}]) error {
			y.Yield(1)
			return errBad
		})
		var values []int
		var errs []error
		for v, err := range g.Results() {
			values, errs = append(values, v), append(errs, err)
		}
		require.Equal(t, []int{1, 0}, values)
		require.Equal(t, []error{nil, errBad}, errs)
		for range count(3).Results() {
			break
		}
	})
}

// iter.Pull takes a generator, and a generator what it has pulled. Made where the goroutine is locked already, or never is.
func TestPullOfAGenerator(t *testing.T) {
	run(t, func() error {
		next, stop := iter.Pull(count(3).All())
		defer stop()
		require.Equal(t, []int{0, 1, 2}, slices.Collect(FromSeq(func(yield func(int) bool) {
			for v, ok := next(); ok && yield(v); v, ok = next() {
			}
		}).All()))
		return nil
	})
}

func TestNilFunctionsAreRefused(t *testing.T) {
	for _, call := range []func(){
		func() { Generate[int, int](nil) },
		func() { Compute[int, int, int](nil) },
		func() { FromSeq[int](nil) },
		func() { FromSeq2[int, int](nil) },
	} {
		require.Panics(t, call)
	}
	runtime.KeepAlive(t)
}
