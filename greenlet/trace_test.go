package greenlet

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// tracing names greenlets, and writes down what the tracer is told.
type tracing struct {
	log
	names map[*Greenlet]string
}

func newTracing(t *testing.T) *tracing {
	r := &tracing{log{t: t}, map[*Greenlet]string{Current(): "main"}}
	SetTrace(r.trace)
	return r
}

func (r *tracing) trace(e Event, from, to *Greenlet) {
	r.add(fmt.Sprintf("%v %s>%s", e, r.names[from], r.names[to]))
}

func (r *tracing) greenlet(name string, fn func(...any) (any, error)) *Greenlet {
	g := New(fn)
	r.names[g] = name
	return g
}

func TestTracerIsToldOfEachTransfer(t *testing.T) {
	run(t, func() error {
		r := newTracing(t)
		main := Current()
		var b *Greenlet
		a := r.greenlet("a", func(...any) (any, error) {
			b.Switch()
			return "a", nil
		})
		b = r.greenlet("b", func(...any) (any, error) {
			main.Switch()
			return main.Switch()
		})
		a.Switch()              // main a b main
		b.Throw(errors.New("")) // handled: b goes on, and switches back
		a.Switch()              // a ends
		b.Throw(nil)            // b ends
		main.Switch()           // to itself
		main.Throw(nil)
		r.is("switch main>a", "switch a>b", "switch b>main", "throw main>b", "switch b>main", "switch main>a", "switch a>main",
			"throw main>b", "switch b>main", "switch main>main", "throw main>main")
		return nil
	})
}

func TestTracerSeesHowAGreenletEnds(t *testing.T) {
	run(t, func() error {
		r := newTracing(t)
		main := Current()
		r.greenlet("failing", func(...any) (any, error) { return nil, errors.New("failure") }).Switch()
		r.greenlet("exiting", func(...any) (any, error) { return nil, ErrExit }).Switch()
		require.Panics(t, func() { r.greenlet("panicking", func(...any) (any, error) { panic("x") }).Switch() })
		killed := r.greenlet("killed", func(...any) (any, error) { return main.Switch() })
		killed.Switch()
		killed.Kill()
		r.greenlet("unstarted", func(...any) (any, error) { return nil, nil }).Throw(errors.New("thrown"))
		r.is("switch main>failing", "throw failing>main",
			"switch main>exiting", "switch exiting>main",
			"switch main>panicking", "throw panicking>main",
			"switch main>killed", "switch killed>main", "throw main>killed", "switch killed>main",
			"throw main>main")
		return nil
	})
}

func TestTracersAreChainedAndRemoved(t *testing.T) {
	run(t, func() error {
		l := &log{t: t}
		require.Nil(t, GetTrace())
		first := func(Event, *Greenlet, *Greenlet) { l.add("first") }
		require.Nil(t, SetTrace(first))
		var before Tracer
		before = SetTrace(func(e Event, from, to *Greenlet) {
			before(e, from, to)
			l.add("second")
		})
		require.NotNil(t, GetTrace())
		Current().Switch()
		require.NotNil(t, SetTrace(before))
		SetTrace(before) // the same one twice
		Current().Switch()
		SetTrace(nil)
		Current().Switch()
		l.is("first", "second", "first")
		return nil
	})
}

func TestTracerThatPanicsIsRemovedAndThePanicArrivesAtTheTarget(t *testing.T) {
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			defer func() { require.Equal(t, "tracer", recover()) }()
			main.Switch()
			panic("not reached")
		})
		g.Switch()
		SetTrace(func(Event, *Greenlet, *Greenlet) { panic("tracer") })
		g.Switch("lost") // g recovers and ends
		require.True(t, g.Dead())
		require.Nil(t, GetTrace())

		// At the start of a greenlet its function never runs, and its parent sees the panic.
		SetTrace(func(Event, *Greenlet, *Greenlet) { panic("at the start") })
		unlucky := New(func(...any) (any, error) { panic("not reached") })
		require.PanicsWithValue(t, "at the start", func() { unlucky.Switch() })
		require.True(t, unlucky.Dead())
		return nil
	})
}

func TestTracerThatSwitchesKeepsTheInterruptedArguments(t *testing.T) {
	run(t, func() error {
		l := &log{t: t}
		main := Current()
		third := New(func(args ...any) (any, error) {
			for {
				l.add(fmt.Sprint("third ", args))
				v, _ := main.Switch("from the third")
				args = []any{v}
			}
		})
		second := New(func(args ...any) (any, error) {
			l.add(fmt.Sprint("second ", args))
			v, err := main.Switch("from the second")
			l.add(fmt.Sprint("second got ", v, err))
			return "end", nil
		})
		once := true
		SetTrace(func(_ Event, _, to *Greenlet) {
			if to == main && once {
				once = false
				v, err := third.Switch("from the tracer")
				l.add(fmt.Sprint("tracer got ", v, err))
			}
		})
		v, err := second.Switch(1, 2)
		l.add(fmt.Sprint("main got ", v, err))
		v, err = second.Switch(3)
		l.add(fmt.Sprint("main got ", v, err))
		l.is("second [1 2]", "third [from the tracer]", "tracer got from the third<nil>", "main got from the second<nil>",
			"second got 3 <nil>", "main got end<nil>")
		return nil
	})
}

func TestTracerIsNotToldOfGeneratorsAndEndsWithRun(t *testing.T) {
	run(t, func() error {
		SetTrace(func(Event, *Greenlet, *Greenlet) { t.Error("told") })
		for range count(3).All() {
		}
		return nil
	})
	require.Nil(t, GetTrace())
	run(t, func() error {
		require.Nil(t, GetTrace())
		return nil
	})
}

func TestEventsHaveNames(t *testing.T) {
	require.Equal(t, "switch throw", fmt.Sprint(EventSwitch, " ", EventThrow))
}
