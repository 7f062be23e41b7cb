package greenlet

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The rows of docs/SEMANTICS.md that tell of tracers.

// A story is a log with names for the greenlets in it.
type story struct {
	*log
	cast map[*Greenlet]string
}

func newStory(t *testing.T) *story {
	return &story{&log{t: t}, map[*Greenlet]string{Current(): "main"}}
}

// name gives g a name.
func (s *story) name(g *Greenlet, name string) *Greenlet {
	s.cast[g] = name
	return g
}

// tell is a Tracer.
func (s *story) tell(e Event, from, to *Greenlet) {
	require.Same(s.t, to, Current(), "it runs in the target")
	s.add(fmt.Sprint(e, " ", s.cast[from], " to ", s.cast[to]))
}

func TestRowTracerIsToldOfEachSwitch(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		main := Current()
		require.Nil(t, GetTrace())
		require.Nil(t, SetTrace(s.tell))
		g := s.name(New(func(...any) (any, error) {
			s.add("g runs")
			main.Switch()
			return nil, errTea
		}), "g")
		s.got("main")(g.Switch())
		s.got("main")(main.Switch("to oneself"))
		s.got("main")(main.Throw(errTea))
		s.got("main")(g.Switch())
		s.got("main")(g.Switch("dead, so that main gets it"))
		require.NotNil(t, GetTrace())
		require.NotNil(t, SetTrace(nil), "the one that there was")
		require.Nil(t, GetTrace())
		New(func(...any) (any, error) { return nil, nil }).Switch()
		s.is(
			"switch main to g", "g runs", "switch g to main", "main got <nil> <nil>",
			"switch main to main", "main got to oneself <nil>",
			"throw main to main", "main got <nil> no more tea",
			"switch main to g", "throw g to main", "main got <nil> no more tea",
			"switch main to main", "main got dead, so that main gets it <nil>",
		)
		return nil
	})
}

func TestRowTracerIsToldOfADeath(t *testing.T) {
	for _, c := range []struct {
		name string
		body func() (any, error)
		want Event
	}{
		{"return", func() (any, error) { return 1, nil }, EventSwitch},
		{"ErrExit", func() (any, error) { return nil, ErrExit }, EventSwitch},
		{"kill", func() (any, error) { return Current().Kill() }, EventSwitch},
		{"error", func() (any, error) { return nil, errTea }, EventThrow},
		{"panic", func() (any, error) { panic("spilt") }, EventThrow},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, func() error {
				s := newStory(t)
				SetTrace(func(e Event, from, to *Greenlet) {
					s.tell(e, from, to)
					s.add(fmt.Sprint("dead: ", from.Dead()))
				})
				defer func() {
					recover()
					s.is("switch main to g", "dead: false", c.want.String()+" g to main", "dead: true")
				}()
				s.name(New(func(...any) (any, error) { return c.body() }), "g").Switch()
				return nil
			})
		})
	}
}

func TestRowTracerIsToldOfThrowAndKill(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		waits := func(...any) (any, error) { return Current().Parent().Switch() }
		a, b, c := s.name(New(waits), "a"), s.name(New(waits), "b"), s.name(New(waits), "c")
		a.Switch()
		b.Switch()
		SetTrace(s.tell)
		a.Throw(nil)
		b.Kill()
		c.Throw(errTea) // it has not started, so that it is not switched to
		c.Kill()
		s.is("throw main to a", "switch a to main", "throw main to b", "switch b to main", "throw main to main")
		return nil
	})
}

func TestRowTracerIsOfItsThread(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		SetTrace(s.tell)
		done := make(chan Tracer)
		go func() {
			_ = Run(func() error {
				New(func(...any) (any, error) { return nil, nil }).Switch()
				return nil
			})
			done <- GetTrace()
		}()
		require.Nil(t, <-done)
		require.NotNil(t, GetTrace())
		s.is()
		return nil
	})
	require.Nil(t, GetTrace())
	run(t, func() error { require.Nil(t, GetTrace(), "it does not outlive Run"); return nil })
}

// test_exception_disables_tracing
func TestRowTracerThatPanicsIsRemoved(t *testing.T) {
	fails := func(Event, *Greenlet, *Greenlet) { panic("tracer") }
	run(t, func() error {
		main := Current()
		pending := New(func(...any) (any, error) { t.Error("never"); return nil, nil })
		SetTrace(fails)
		require.PanicsWithValue(t, "tracer", func() { pending.Switch() }, "its end by the panic goes to its parent")
		require.Nil(t, GetTrace())
		require.True(t, pending.Dead())
		require.Equal(t, "tracer", pending.Panicked().Value)

		suspended := New(func(...any) (_ any, err error) {
			defer func() { err = fmt.Errorf("recovered %v", recover()) }()
			main.Switch()
			t.Error("never")
			return nil, nil
		})
		suspended.Switch()
		SetTrace(fails)
		_, err := suspended.Throw(errTea)
		require.EqualError(t, err, "recovered tracer", "the panic takes the place of what was sent")
		require.Nil(t, GetTrace())

		ends := New(func(...any) (any, error) { SetTrace(fails); return nil, nil })
		require.PanicsWithValue(t, "tracer", func() { ends.Switch() })
		require.Nil(t, GetTrace())
		require.Nil(t, ends.Panicked(), "it is the one that goes on to which it happens")

		SetTrace(fails)
		require.PanicsWithValue(t, "tracer", func() { main.Switch() })
		require.Nil(t, GetTrace())
		return nil
	})
}

// test_set_same_tracer_twice
func TestRowTracerSetTwiceIsToldOnce(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		SetTrace(s.tell)
		require.NotNil(t, SetTrace(s.tell))
		Current().Switch()
		s.is("switch main to main")
		return nil
	})
}

func TestRowTracerIsNotReentered(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		SetTrace(func(e Event, from, to *Greenlet) {
			s.tell(e, from, to)
			Current().Switch("a switch to oneself")
			New(func(...any) (any, error) { s.add("g runs"); return nil, nil }).Switch()
		})
		s.got("main")(Current().Switch("what was sent"))
		s.is("switch main to main", "g runs", "main got what was sent <nil>")
		return nil
	})
}

// once returns a tracer that calls fn the first time that it is told of a switch to g.
func once(s *story, g *Greenlet, fn func()) Tracer {
	called := false
	return func(e Event, from, to *Greenlet) {
		s.tell(e, from, to)
		if to == g && !called {
			called = true
			fn()
		}
	}
}

// test_reentrant_switch_two_greenlets: what the interrupted Switch was sent is not lost.
func TestRowTracerThatSwitchesKeepsWhatWasSent(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		main := Current()
		g := s.name(New(s.waiting("g")), "g")
		g.Switch()
		SetTrace(once(s, g, func() { s.got("tracer")(main.Switch("from the tracer")) }))
		s.got("main")(g.Switch("what", "was sent"))
		s.got("main")(g.Switch("to the tracer"))
		s.got("main")(g.Switch("end"))
		s.is(
			"switch main to g", "main got from the tracer <nil>", // nobody is told while the tracer runs
			"tracer got to the tracer <nil>", "g got [what was sent] <nil>",
			"switch g to main", "main got g waits <nil>",
			"switch main to g", "g got end <nil>", "g ends", "switch g to main", "main got end <nil>",
		)
		return nil
	})
}

// test_reentrant_switch_three_greenlets
func TestRowTracerThatSwitchesToAThirdKeepsWhatWasSent(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		var g *Greenlet
		third := s.name(New(func(args ...any) (any, error) {
			s.add(fmt.Sprint("third starts with ", args))
			s.got("third")(g.Switch("from the third"))
			return "third ends", nil
		}), "third")
		g = s.name(New(s.waiting("g")), "g")
		g.Switch()
		SetTrace(once(s, g, func() { s.got("tracer")(third.Switch("from the tracer")) }))
		s.got("main")(g.Switch("what was sent"))
		s.got("main")(third.Switch("go on"))
		s.is(
			"switch main to g", "third starts with [from the tracer]", "tracer got from the third <nil>",
			"g got what was sent <nil>", "switch g to main", "main got g waits <nil>",
			"switch main to third", "third got go on <nil>", "switch third to main", "main got third ends <nil>",
		)
		return nil
	})
}

// test_recursive_startup, test_reentrant_switch_GreenletAlreadyStartedInPython: what runs between the switch and the function
// switches back, and somebody switches to the greenlet meanwhile.
func TestRowStartThatTheTracerInterruptsKeepsItsArguments(t *testing.T) {
	run(t, func() error {
		s := newStory(t)
		main := Current()
		g := s.name(New(s.answering("g", "g ends", nil)), "g")
		SetTrace(once(s, g, func() { s.got("tracer")(main.Switch("from the tracer")) }))
		s.got("main")(g.Switch("the", "arguments"))
		s.add(g.String())
		s.got("main")(g.Switch("to the tracer"))
		s.is("switch main to g", "main got from the tracer <nil>", "greenlet 2 (suspended)", "tracer got to the tracer <nil>",
			"g starts with [the arguments]", "switch g to main", "main got g ends <nil>")
		return nil
	})
}

// test_throw_exception_not_lost
func TestRowErrorSurvivesATracerThatSwitches(t *testing.T) {
	for _, c := range []struct {
		name string
		send func(g *Greenlet) (any, error)
		want []string
	}{
		{"error", func(g *Greenlet) (any, error) { return g.Throw(errTea) },
			[]string{"g got <nil> no more tea", "g ends", "throw g to main", "main got <nil> no more tea"}},
		{"kill", (*Greenlet).Kill, []string{"g ends", "switch g to main", "main got greenlet: exit <nil>"}},
		{"panic of a child", func(g *Greenlet) (any, error) {
			return NewChild(g, func(...any) (any, error) { panic("spilt") }).Switch()
		}, []string{"g ends", "throw g to main", "main recovers spilt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, func() error {
				s := newStory(t)
				main := Current()
				g := s.name(New(s.waiting("g")), "g")
				g.Switch()
				reached := 0
				SetTrace(func(e Event, from, to *Greenlet) {
					if to == g {
						reached++
						_, _ = main.Switch("one moment")
						return
					}
					if reached > 0 {
						s.tell(e, from, to)
					}
				})
				defer func() {
					if v := recover(); v != nil {
						s.add(fmt.Sprint("main recovers ", v))
					}
					require.Equal(t, 1, reached)
					s.is(append([]string{"main got one moment <nil>"}, c.want...)...)
				}()
				s.got("main")(c.send(g))
				s.got("main")(g.Switch("go on"))
				return nil
			})
		})
	}
}
