package greenlet

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// What can come between while the abandoned are being ended.

// lost returns when n greenlets or generators that were abandoned have been found, and none of them was ended.
func lost(n int) {
	l := enter()
	for found := 0; found < n; {
		runtime.GC()
		if l.passed.Load() {
			Collect() // they grow old by that
		}
		l.lost.Lock()
		found = len(l.lost.list)
		l.lost.Unlock()
	}
}

// dropping drops a greenlet that calls fn when it is ended.
func dropping(fn func()) {
	_, _ = lose(func() (any, error) {
		defer fn()
		return Current().Parent().Switch()
	})
}

// A call ends the abandoned first, and their deferred functions may use the generator that the call is about.
func TestGeneratorUsedByTheAbandonedThatItsCallEnds(t *testing.T) {
	for name, c := range map[string]struct {
		use  func(g *Generator[int, int])
		call func(g *Generator[int, int])
	}{
		"Next, closed": {func(g *Generator[int, int]) { _ = g.Close() }, func(g *Generator[int, int]) {
			_, ok := g.Next()
			require.False(t, ok)
		}},
		"Send, closed": {func(g *Generator[int, int]) { _ = g.Close() }, func(g *Generator[int, int]) {
			_, err := g.Send(5)
			require.Contains(t, []error{ErrStop, ErrNotStarted}, err)
		}},
		"Throw, closed": {func(g *Generator[int, int]) { _ = g.Close() }, func(g *Generator[int, int]) {
			_, err := g.Throw(errBad)
			require.Equal(t, errBad, err)
		}},
		"Next, asked": {func(g *Generator[int, int]) { g.Next() }, func(g *Generator[int, int]) {
			_, ok := g.Next()
			require.True(t, ok)
		}},
	} {
		for _, started := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				run(t, func() error {
					g := Generate(func(y *Yielder[int, int]) error {
						for i := range 5 {
							require.Zero(t, y.Yield(i), "nobody's but the one's that was asked for it")
						}
						return nil
					})
					if started {
						g.Next()
					}
					dropping(func() { c.use(g) })
					lost(1)
					c.call(g)
					Collect()
					require.NoError(t, g.Close())
					require.Zero(t, enter().generators)
					return nil
				})
			})
		}
	}
}

// A collection that passes while the abandoned are being ended is attended to, too, before the thread sleeps: nobody is
// told of it again.
func TestCollectionThatPassesMeanwhile(t *testing.T) {
	run(t, func() error {
		l := enter()
		dropping(func() {
			dropping(func() {})
			for !l.passed.Load() {
				runtime.GC()
			}
		})
		lost(1)
		require.NotZero(t, Collect())
		require.False(t, l.alert.Load(), "the next collection could tell nobody")
		return nil
	})
}

func TestNotifyTellsOfWhatWasBefore(t *testing.T) {
	run(t, func() error {
		dropping(func() {})
		lost(1)
		var told atomic.Bool
		Notify(func() { told.Store(true) })
		require.True(t, told.Load())
		return nil
	})
}

// A deferred function that waits holds up its own task alone.
func TestAbandonedThatWaitsHoldsUpNoOtherTask(t *testing.T) {
	runTasks(t, func(o *loop) {
		l, first, done := &log{t: t}, false, false
		o.spawn(func() {
			dropping(func() {
				for first = true; !done; {
					o.yield()
				}
				l.add("first")
			})
			lost(1)
			require.Equal(t, 1, Collect())
			l.is("second", "first")
		})
		o.spawn(func() {
			require.True(t, first)
			dropping(func() { l.add("second") })
			lost(1)
			require.Equal(t, 1, Collect())
			done = true
		})
	})
}

// Whatever ends a call that ends the abandoned, the rest of them come with the next one.
func TestRestOfTheAbandonedComesNext(t *testing.T) {
	for name, fn := range map[string]func(main *Greenlet){
		"kill":  func(main *Greenlet) { main.Switch() }, // who kills the one that ends them
		"panic": func(*Greenlet) { panic("in a deferred function") },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				main, ended := Current(), 0
				var told atomic.Int32
				Notify(func() { told.Add(1) })
				OnPanic(func(*PanicError) { panic("the handler's own") })
				by := New(func(...any) (any, error) {
					defer func() { require.Contains(t, []any{nil, "the handler's own"}, recover()) }()
					for range 2 {
						dropping(func() {
							if ended++; ended == 1 {
								fn(main)
							}
						})
					}
					lost(2)
					told.Store(0)
					Collect()
					t.Error("never")
					return nil, nil
				})
				by.Switch()
				_, _ = by.Kill()
				Collect()
				require.Equal(t, 2, ended)
				require.NotZero(t, told.Load(), "a scheduler that waits would not have come to it")
				return nil
			})
		})
	}
}
