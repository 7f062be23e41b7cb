package greenlet

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The programs with which switching by hand is usually shown, and what they must give.

func TestClassicPingPong(t *testing.T) {
	run(t, func() error {
		var a, b *Greenlet
		a = New(func(args ...any) (any, error) {
			got, err := b.Switch(args[0].(int) + 1)
			return []any{"a done", got}, err
		})
		b = New(func(args ...any) (any, error) {
			return a.Switch(args[0].(int)+1, 42)
		})
		got, err := a.Switch(1)
		require.NoError(t, err)
		require.Equal(t, []any{"a done", []any{3, 42}}, got)
		require.True(t, a.Dead())
		require.True(t, b.Started())
		require.False(t, b.Dead(), "it waits in its Switch to a, that does not come back")

		got, err = b.Switch("from main")
		require.NoError(t, err)
		require.Equal(t, "from main", got, "what b sent to a has nothing to do with what it gets")
		require.True(t, b.Dead())
		return nil
	})
}

// Each of the ring adds one to the token and hands it to its neighbour; the last hands it to main, three times around.
func TestClassicRing(t *testing.T) {
	const n, rounds = 10_000 - 2_500*raceDetector, 3 // that one counts goroutines, and gives up at 8,128
	run(t, func() error {
		main := Current()
		next, started := main, 0
		for range n {
			neighbour := next
			next = New(func(args ...any) (any, error) {
				started++
				for token := args[0]; ; {
					var err error
					if token, err = neighbour.Switch(token.(int) + 1); err != nil {
						return nil, err
					}
				}
			})
		}
		var token any = 0
		for round := range rounds {
			var err error
			token, err = next.Switch(token)
			require.NoError(t, err)
			require.Equal(t, (round+1)*n, token)
		}
		require.Equal(t, n, started, "the later rounds have resumed them")
		return nil
	})
}

// A greenlet switches from 900 calls deep, is resumed there, and the values come back all the way.
func TestClassicDeepCalls(t *testing.T) {
	run(t, func() error {
		main := Current()
		var descend func(depth int) (int, error)
		descend = func(depth int) (int, error) {
			if depth == 900 {
				got, err := main.Switch(fmt.Sprint("at depth ", depth))
				return got.(int), err
			}
			below, err := descend(depth + 1)
			return below + 1, err
		}
		g := New(func(...any) (any, error) { return descend(0) })
		got, err := g.Switch()
		require.NoError(t, err)
		require.Equal(t, "at depth 900", got)
		got, err = g.Switch(100)
		require.NoError(t, err)
		require.Equal(t, 1000, got)
		return nil
	})
}

// A greenlet in a greenlet in a greenlet in a greenlet: the end of the innermost passes through all of them, or does not.
func TestClassicChainUnwinds(t *testing.T) {
	fails := func() (any, error) { return nil, errTea }
	for _, c := range []struct {
		name   string
		inmost func() (any, error)
		act    func(l *log, chain []*Greenlet) // after the start
		want   []string
	}{
		{"error", fails, nil, []string{"4 deferred", "3 deferred", "2 deferred", "1 deferred", "main got <nil> no more tea"}},
		{"panic", func() (any, error) { panic("spilt") }, nil,
			[]string{"4 deferred", "3 deferred", "2 deferred", "1 deferred", "main recovers spilt"}},
		{"error thrown at the innermost", func() (any, error) { return mainOf(Current()).Switch("ready") },
			func(l *log, chain []*Greenlet) { l.got("main")(chain[3].Throw(errTea)) },
			[]string{"main got ready <nil>", "4 deferred", "3 deferred", "2 deferred", "1 deferred", "main got <nil> no more tea"}},
		{"kill of itself", func() (any, error) { runtime.Goexit(); return nil, nil }, nil,
			[]string{"4 deferred", "3 deferred", "2 deferred", "1 deferred", "main got greenlet: exit <nil>"}},
		{"kill of the innermost", func() (any, error) { return mainOf(Current()).Switch("ready") },
			func(l *log, chain []*Greenlet) {
				l.got("main")(chain[3].Kill())
				l.add(fmt.Sprint(chain[2]))
				l.got("main")(chain[2].Switch("go on"))
			},
			[]string{"main got ready <nil>", "4 deferred", "main got greenlet: exit <nil>", "greenlet 4 (suspended)",
				"3 deferred", "2 deferred", "1 deferred", "main got go on <nil>"}},
		{"kill of each, the outermost first", func() (any, error) { return mainOf(Current()).Switch("ready") },
			func(l *log, chain []*Greenlet) {
				for _, g := range chain {
					l.got("main")(g.Kill())
				}
			},
			[]string{"main got ready <nil>", "1 deferred", "main got greenlet: exit <nil>", "2 deferred", "main got greenlet: exit <nil>",
				"3 deferred", "main got greenlet: exit <nil>", "4 deferred", "main got greenlet: exit <nil>"}},
		{"end of Run, the newest first", func() (any, error) { return mainOf(Current()).Switch("ready") }, nil,
			[]string{"main got ready <nil>", "4 deferred", "3 deferred", "2 deferred", "1 deferred"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &log{t: t}
			run(t, func() error {
				var chain []*Greenlet
				var nest func(level int) (any, error)
				nest = func(level int) (any, error) {
					if level > 4 {
						return c.inmost()
					}
					g := New(func(...any) (any, error) {
						defer l.add(fmt.Sprint(level, " deferred"))
						return nest(level + 1)
					})
					chain = append(chain, g)
					return g.Switch()
				}
				defer func() {
					if v := recover(); v != nil {
						l.add(fmt.Sprint("main recovers ", v))
					}
				}()
				l.got("main")(nest(1))
				if c.act != nil {
					c.act(l, chain)
				}
				return nil
			})
			l.is(c.want...)
		})
	}
}

func mainOf(g *Greenlet) *Greenlet {
	for g.Parent() != nil {
		g = g.Parent()
	}
	return g
}

// zip yields pairs as long as both have one, and closes them.
func zip[A, B any](as *Generator[A, struct{}], bs *Generator[B, struct{}]) *Generator[Pair[A, B], struct{}] {
	return Generate(func(y *Yielder[Pair[A, B], struct{}]) error {
		defer as.Close()
		defer bs.Close()
		for a := range as.All() {
			b, ok := bs.Next()
			if !ok {
				return bs.Err()
			}
			y.Yield(Pair[A, B]{a, b})
		}
		return as.Err()
	})
}

func TestClassicZip(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		numbers := func(l *log) *Generator[int, struct{}] {
			return Generate(func(y *Yielder[int, struct{}]) error {
				defer l.add("numbers end")
				for i := 1; ; i++ {
					y.Yield(i)
				}
			})
		}
		l := &log{t: t}
		for n, name := range All2(zip(numbers(l), FromSeq(slices.Values([]string{"one", "two"})))) {
			l.add(fmt.Sprint(n, name))
		}
		l.is("1one", "2two", "numbers end")

		l = &log{t: t}
		for a, b := range All2(zip(numbers(l), numbers(l))) {
			l.add(fmt.Sprint(a, b))
			break // in the middle: what is inside is closed, too
		}
		l.is("1 1", "numbers end", "numbers end")
	})
}

// Tree traversals compared leaf by leaf: two recursions that stop in the middle, side by side.
func TestClassicSameFringe(t *testing.T) {
	type tree struct {
		left, right *tree
		leaf        int
	}
	leaf := func(n int) *tree { return &tree{leaf: n} }
	fork := func(a, b *tree) *tree { return &tree{left: a, right: b} }
	var walk func(y *Yielder[int, struct{}], t *tree)
	walk = func(y *Yielder[int, struct{}], t *tree) {
		if t.left == nil {
			y.Yield(t.leaf)
			return
		}
		walk(y, t.left)
		walk(y, t.right)
	}
	fringe := func(t *tree) *Generator[int, struct{}] {
		return Generate(func(y *Yielder[int, struct{}]) error { walk(y, t); return nil })
	}
	same := func(one, other *tree) bool {
		a, b := fringe(one), fringe(other)
		defer a.Close()
		defer b.Close()
		for {
			x, more := a.Next()
			y, also := b.Next()
			if x != y || !more || !also {
				return x == y && more == also
			}
		}
	}
	clean(t)
	require.True(t, same(fork(leaf(1), fork(leaf(2), leaf(3))), fork(fork(leaf(1), leaf(2)), leaf(3))))
	require.False(t, same(fork(leaf(1), fork(leaf(2), leaf(3))), fork(fork(leaf(1), leaf(4)), leaf(3))))
	require.False(t, same(fork(leaf(1), leaf(2)), fork(fork(leaf(1), leaf(2)), leaf(3))))
	clean(t)
}
