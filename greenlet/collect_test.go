package greenlet

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A finder collects garbage until this package has found something to do.
type finder struct{ found chan struct{} }

func newFinder() *finder {
	f := &finder{make(chan struct{}, 1)}
	Notify(func() {
		select {
		case f.found <- struct{}{}:
		default:
		}
	})
	return f
}

// collect returns when n abandoned greenlets or generators were ended. One round makes them old, a later one finds them.
func (f *finder) collect(n int) {
	for n > 0 {
		runtime.GC()
		<-f.found
		n -= Collect()
	}
}

// abandon starts a greenlet that says when its deferred function runs, and drops it.
//
//go:noinline
func abandon(l *log, name string, fn func()) {
	main := Current()
	New(func(...any) (any, error) {
		defer func() {
			l.add(name + " ends")
			fn()
		}()
		main.Switch()
		l.add("not reached")
		return nil, nil
	}).Switch()
}

func TestAbandonedGreenletsAreEnded(t *testing.T) {
	run(t, func() error {
		l, f := &log{t: t}, newFinder()
		main := Current()
		abandon(l, "a", func() { require.NotSame(t, main, Current()) })
		abandon(l, "b", func() {})
		f.collect(2)
		require.ElementsMatch(t, []string{"a ends", "b ends"}, l.lines)
		require.Zero(t, Collect())
		return nil
	})
}

func TestTheNextCallEndsWhatWasAbandoned(t *testing.T) {
	for name, call := range map[string]func(){
		"New":     func() { New(func(...any) (any, error) { return nil, nil }) },
		"Switch":  func() { Current().Switch() },
		"Throw":   func() { Current().Throw(nil) },
		"Collect": func() { Collect() },
		"Next":    func() { count(1).Next() },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				l, f := &log{t: t}, newFinder()
				abandon(l, "it", func() {})
				for len(l.lines) == 0 {
					runtime.GC()
					<-f.found
					call()
				}
				l.is("it ends")
				return nil
			})
		})
	}
}

func TestWhatIsHeldIsNotEnded(t *testing.T) {
	run(t, func() error {
		f := newFinder()
		l := &log{t: t}
		main := Current()
		held := New(func(...any) (any, error) {
			v, _ := main.Switch()
			return v, nil
		})
		held.Switch()
		parent := New(func(...any) (any, error) { return main.Switch() })
		parent.Switch()
		child := NewChild(parent, func(...any) (any, error) { return main.Switch() })
		child.Switch()
		runtime.KeepAlive(parent) // from here on its child keeps it
		for range 3 {
			abandon(l, "other", func() {})
			f.collect(1)
		}
		require.False(t, child.Parent().Dead())
		require.Same(t, child.Parent(), child.Parent())
		v, err := held.Switch("still there")
		require.NoError(t, err)
		require.Equal(t, "still there", v)
		require.True(t, held.Dead())
		return nil
	})
}

// A handle that lives is the same one, also when the greenlet's own stack asks for it.
func TestIdentityOutlivesCollections(t *testing.T) {
	run(t, func() error {
		l, f := &log{t: t}, newFinder()
		main := Current()
		g := New(func(...any) (any, error) {
			for {
				main.Switch(Current())
			}
		})
		g.Switch()
		abandon(l, "other", func() {})
		f.collect(1)
		v, _ := g.Switch()
		require.Same(t, g, v)
		require.NoError(t, Leave())
		return nil
	})
}

func TestAbandonedGreenletMayMakeItselfKnownAgain(t *testing.T) {
	run(t, func() error {
		f := newFinder()
		main := Current()
		var again *Greenlet
		ended := false
		func() {
			New(func(...any) (any, error) {
				defer func() { ended = true }()
				defer func() {
					again = Current()
					v, _ := main.Switch("not yet")
					require.Equal(t, "go on", v)
				}()
				return main.Switch()
			}).Switch()
		}()
		for again == nil {
			runtime.GC()
			<-f.found
			Collect()
		}
		require.False(t, ended)
		require.False(t, again.Dead())
		v, err := again.Switch("go on") // whoever ended it has gone on: the end goes to the parent
		require.NoError(t, err)
		require.Equal(t, ErrExit, v)
		require.True(t, ended)
		require.True(t, again.Dead())
		return nil
	})
}

func TestPanicOfAnAbandonedGreenletIsTold(t *testing.T) {
	run(t, func() error {
		l, f := &log{t: t}, newFinder()
		var told *PanicError
		OnPanic(func(p *PanicError) { told = p })
		abandon(l, "it", func() { panic("in a deferred function") })
		f.collect(1)
		require.Equal(t, "in a deferred function", told.Value)
		require.Contains(t, string(told.Stack), "TestPanicOfAnAbandonedGreenletIsTold")
		return nil
	})
}

func TestAbandonedGeneratorsAreClosed(t *testing.T) {
	drop := func() {
		l, f := &log{t: t}, newFinder()
		func() {
			g := Generate(func(y *Yielder[int, string]) error {
				defer l.add("closed")
				y.Yield(1)
				l.add("not reached")
				return nil
			})
			v, ok := g.Next()
			require.True(t, ok)
			require.Equal(t, 1, v)
		}()
		f.collect(1)
		l.is("closed")
	}
	t.Run("plain", func(t *testing.T) {
		clean(t)
		drop()
		require.NoError(t, Leave()) // Notify has made the main greenlet
		clean(t)
	})
	t.Run("Run", func(t *testing.T) { run(t, func() error { drop(); return nil }) })
	t.Run("task", func(t *testing.T) { runTasks(t, func(o *loop) { o.spawn(drop) }) })
}

func TestGeneratorInUseIsKept(t *testing.T) {
	run(t, func() error {
		l, f := &log{t: t}, newFinder()
		sum := 0
		for v := range count(4).All() { // nothing else holds it
			abandon(l, fmt.Sprint(v), func() {})
			f.collect(1)
			sum += v
		}
		require.Equal(t, 0+1+2+3, sum)
		return nil
	})
}

// What another goroutine drops is ended on its own thread.
func TestDroppedElsewhereEndedHere(t *testing.T) {
	run(t, func() error {
		f := newFinder()
		l := lookup()
		here := false
		handles := make(chan *Greenlet, 1)
		func() {
			main := Current()
			g := New(func(...any) (any, error) {
				defer func() { here = l.th.Here() }()
				return main.Switch()
			})
			g.Switch()
			handles <- g
		}()
		gone := make(chan struct{})
		go func() {
			<-handles
			close(gone)
		}()
		<-gone
		f.collect(1)
		require.True(t, here)
		return nil
	})
}

// Two tasks of a scheduler: what one has abandoned may be ended by the other, and does not come to run on its stack.
func TestAbandonedByATaskThatWaits(t *testing.T) {
	runTasks(t, func(o *loop) {
		l, f := &log{t: t}, newFinder()
		done := false
		o.spawn(func() {
			abandon(l, "first's", func() {})
			for !done {
				o.yield()
			}
		})
		o.spawn(func() {
			f.collect(1)
			done = true
		})
		o.spawn(func() {
			for !done {
				o.yield()
			}
			l.is("first's ends")
		})
	})
}

func TestRunEndsWhatTheCollectorHasNotFound(t *testing.T) {
	l := &log{t: t}
	run(t, func() error {
		abandon(l, "it", func() {})
		return nil
	})
	l.is("it ends")
}
