package greenlet

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Python's greenlet promises, row by row; each row names the test of its suite that proves it there, or the rule of
// its documentation. What a row logs was compared with python3-greenlet 2.0.2, where it is not a decision of ours.

var errTea = errors.New("no more tea")

// got writes down what a Switch, Throw or Kill has returned.
func (l *log) got(who string) func(any, error) {
	return func(v any, err error) { l.add(fmt.Sprint(who, " got ", v, " ", err)) }
}

// answering returns a function that logs its arguments and returns v and err.
func (l *log) answering(who string, v any, err error) func(...any) (any, error) {
	return func(args ...any) (any, error) {
		l.add(fmt.Sprint(who, " starts with ", args))
		return v, err
	}
}

// waiting returns a function that switches to its parent until it is sent "end", and logs what it is sent.
func (l *log) waiting(who string) func(...any) (any, error) {
	return func(...any) (any, error) {
		defer l.add(who + " ends")
		for {
			v, err := Current().Parent().Switch(who + " waits")
			l.got(who)(v, err)
			if err != nil || v == "end" {
				return v, err
			}
		}
	}
}

// finished returns a greenlet that has ended.
func finished() *Greenlet {
	g := New(func(...any) (any, error) { return nil, nil })
	g.Switch()
	return g
}

var semantics = []struct {
	row  string
	fn   func(l *log)
	want []string
}{
	// first switch, later switch, self-switch
	{"first switch calls run with the arguments: test_switch_kwargs", func(l *log) {
		l.got("main")(New(l.answering("g", 7, nil)).Switch(1, "two", nil))
		l.got("main")(New(l.answering("g", nil, nil)).Switch())
	}, []string{"g starts with [1 two <nil>]", "main got 7 <nil>", "g starts with []", "main got <nil> <nil>"}},

	{"later switch, none, one and many: doc switching", func(l *log) {
		g := New(l.waiting("g"))
		l.got("main")(g.Switch())
		l.got("main")(g.Switch())
		l.got("main")(g.Switch("one"))
		l.got("main")(g.Switch([]any{"one"}))
		l.got("main")(g.Switch("many", 2))
		l.got("main")(g.Switch("end"))
	}, []string{
		"main got g waits <nil>", "g got <nil> <nil>", "main got g waits <nil>", "g got one <nil>", "main got g waits <nil>",
		"g got [one] <nil>", "main got g waits <nil>", "g got [many 2] <nil>", "main got g waits <nil>", "g got end <nil>", "g ends", "main got end <nil>",
	}},

	{"symmetric transfer between siblings: doc greenlet", func(l *log) {
		var b *Greenlet
		a := New(func(...any) (any, error) {
			l.add("a 1")
			l.got("a")(b.Switch("to b"))
			l.add("a 2")
			return "a ends", nil
		})
		b = New(func(args ...any) (any, error) {
			l.add(fmt.Sprint("b 1 ", args))
			l.got("b")(a.Switch("back to a"))
			l.add("never")
			return nil, nil
		})
		l.got("main")(a.Switch())
		l.add(fmt.Sprint(a.Dead(), b.Dead()))
	}, []string{"a 1", "b 1 [to b]", "a got back to a <nil>", "a 2", "main got a ends <nil>", "true false"}},

	{"self-switch returns its arguments: test_tuple_subclass", func(l *log) {
		l.got("main")(Current().Switch(1, 2))
		l.got("main")(Current().Switch())
		l.got("main")(Current().Switch(3))
	}, []string{"main got [1 2] <nil>", "main got <nil> <nil>", "main got 3 <nil>"}},

	// the end goes to the parent
	{"return goes to the parent: test_two_recursive_children", func(l *log) {
		child := func(...any) (any, error) { l.add("child"); return "c", nil }
		parent := New(func(...any) (any, error) {
			l.got("parent")(New(child).Switch())
			l.got("parent")(New(child).Switch())
			return "p", nil
		})
		l.got("main")(parent.Switch())
	}, []string{"child", "parent got c <nil>", "child", "parent got c <nil>", "main got p <nil>"}},

	{"return goes to the parent, whoever resumed last: doc greenlet", func(l *log) {
		x := New(func(...any) (any, error) { Current().Parent().Switch(); return "x", nil })
		x.Switch()
		y := New(func(...any) (any, error) { l.got("y")(x.Switch()); return nil, nil })
		l.got("main")(y.Switch())
		l.add(fmt.Sprint(x.Dead(), y.Dead()))
	}, []string{"main got x <nil>", "true false"}},

	{"an error goes to the parent: test_exception", func(l *log) {
		l.got("main")(New(l.answering("g", "v", errTea)).Switch())
	}, []string{"g starts with []", "main got v no more tea"}},

	{"an error goes to the parent and not to who sent it: test_send_exception", func(l *log) {
		x := New(l.waiting("x"))
		x.Switch()
		y := New(func(...any) (any, error) { l.got("y")(x.Throw(errTea)); return nil, nil })
		l.got("main")(y.Switch())
	}, []string{"x got <nil> no more tea", "x ends", "main got <nil> no more tea"}},

	{"a panic unwinds each suspended ancestor", func(l *log) {
		middle := New(func(...any) (any, error) {
			defer l.add("middle unwinds")
			return New(func(...any) (any, error) {
				defer l.add("inner unwinds")
				panic(errTea)
			}).Switch()
		})
		defer func() {
			l.add(fmt.Sprint("main recovers ", recover()))
			l.add(fmt.Sprint(middle.Dead(), " ", middle.Panicked().Value))
		}()
		middle.Switch()
	}, []string{"inner unwinds", "middle unwinds", "main recovers no more tea", "true no more tea"}},

	{"a parent may recover and go on", func(l *log) {
		middle := New(func(...any) (v any, err error) {
			defer func() { v = fmt.Sprint("recovered ", recover()) }()
			return New(func(...any) (any, error) { panic("inner") }).Switch()
		})
		l.got("main")(middle.Switch())
	}, []string{"main got recovered inner <nil>"}},

	// GreenletExit
	{"GreenletExit is returned to the parent as a value: test_throw::test_kill", func(l *log) {
		l.got("main")(New(l.answering("g", "lost", ErrExit)).Switch())
		l.got("main")(New(l.answering("g", nil, fmt.Errorf("enough: %w", ErrExit))).Switch())
		l.got("main")(New(func(...any) (any, error) { defer l.add("deferred"); runtime.Goexit(); return nil, nil }).Switch())
	}, []string{
		"g starts with []", "main got greenlet: exit <nil>", "g starts with []", "main got enough: greenlet: exit <nil>",
		"deferred", "main got greenlet: exit <nil>",
	}},

	{"GreenletExit caught: return a value, another error, or go on: test_throw::test_kill", func(l *log) {
		g := New(func(...any) (any, error) {
			l.got("g")(Current().Parent().Switch("ready"))
			l.got("g")(Current().Parent().Switch("still here"))
			return nil, errTea
		})
		l.got("main")(g.Switch())
		l.got("main")(g.Throw(nil))
		l.add(fmt.Sprint(g.Dead()))
		l.got("main")(g.Throw(ErrExit))
	}, []string{
		"main got ready <nil>", "g got <nil> greenlet: exit", "main got still here <nil>", "false",
		"g got <nil> greenlet: exit", "main got <nil> no more tea",
	}},

	// throw
	{"throw arrives at the pending switch: test_throw::test_class", func(l *log) {
		g := New(func(...any) (any, error) {
			_, err := Current().Parent().Switch("ready")
			return fmt.Sprint("thrown: ", err), nil
		})
		l.got("main")(g.Switch())
		l.got("main")(g.Throw(errTea))
	}, []string{"main got ready <nil>", "main got thrown: no more tea <nil>"}},

	{"throw on unstarted never runs the body: test_throw_goes_to_original_parent", func(l *log) {
		g := New(l.answering("g", nil, nil))
		l.got("main")(g.Throw(errTea))
		l.add(fmt.Sprint(g.Dead(), g.Started()))
		g = New(l.answering("g", nil, nil))
		l.got("main")(g.Throw(nil))
	}, []string{"main got <nil> no more tea", "true false", "main got greenlet: exit <nil>"}},

	{"throw on unstarted goes to the parent: test_throw_goes_to_original_parent", func(l *log) {
		p := New(l.waiting("p"))
		p.Switch()
		g := NewChild(p, l.answering("g", nil, nil))
		l.got("main")(g.Throw(errTea))
	}, []string{"p got <nil> no more tea", "p ends", "main got <nil> no more tea"}},

	{"throw on unstarted with an unstarted parent: that dies the same way", func(l *log) {
		p := New(l.answering("p", nil, nil))
		g := NewChild(p, l.answering("g", nil, nil))
		l.got("main")(g.Throw(errTea))
		l.add(fmt.Sprint(p.Dead(), p.Started()))
	}, []string{"main got <nil> no more tea", "true false"}},

	// Python starts the parent here, too, but loses the GreenletExit on the way; we hand it over.
	{"GreenletExit on unstarted is a value for an unstarted parent", func(l *log) {
		p := New(l.answering("p", "p ends", nil))
		g := NewChild(p, l.answering("g", nil, nil))
		l.got("main")(g.Throw(nil))
	}, []string{"p starts with [greenlet: exit]", "main got p ends <nil>"}},

	{"throw on dead goes to the first living ancestor: test_throw::test_kill", func(l *log) {
		l.got("main")(finished().Throw(errTea))
		l.got("main")(finished().Throw(nil))
	}, []string{"main got <nil> no more tea", "main got greenlet: exit <nil>"}},

	{"throw at oneself returns at once", func(l *log) {
		l.got("main")(Current().Throw(errTea))
		l.got("main")(Current().Throw(nil))
	}, []string{"main got <nil> no more tea", "main got <nil> greenlet: exit"}},

	// dead targets and unstarted parents
	{"switch to dead returns the arguments in the main greenlet: test_exception", func(l *log) {
		l.got("main")(finished().Switch(1, 2))
		l.got("main")(finished().Switch())
	}, []string{"main got [1 2] <nil>", "main got <nil> <nil>"}},

	{"switch to dead goes to the nearest living ancestor: test_switch_to_dead_greenlet_reparent", func(l *log) {
		d := finished()
		p := New(l.waiting("p"))
		p.Switch()
		require.NoError(l.t, d.SetParent(p))
		l.got("main")(d.Switch("hello", 1))
	}, []string{"p got [hello 1] <nil>", "main got p waits <nil>", "p ends"}},

	{"switch to dead starts an unstarted ancestor: test_switch_to_dead_greenlet_with_unstarted_perverse_parent", func(l *log) {
		d := finished()
		require.NoError(l.t, d.SetParent(New(l.answering("p", "p ends", nil))))
		l.got("main")(d.Switch(1, 2))
	}, []string{"p starts with [1 2]", "main got p ends <nil>"}},

	{"dying into an unstarted parent starts it: test_falling_off_end_switches_to_unstarted_parent_works", func(l *log) {
		p := New(l.answering("p", "p ends", nil))
		l.got("main")(NewChild(p, l.answering("g", "from g", nil)).Switch())
		p = New(l.answering("p", "p ends", nil))
		l.got("main")(NewChild(p, l.answering("g", nil, nil)).Switch())
	}, []string{
		"g starts with []", "p starts with [from g]", "main got p ends <nil>",
		"g starts with []", "p starts with [<nil>]", "main got p ends <nil>",
	}},

	{"dying with an error into an unstarted parent goes past it: test_parent_return_failure", func(l *log) {
		p := New(l.answering("p", nil, nil))
		l.got("main")(NewChild(p, l.answering("g", nil, errTea)).Switch())
		l.add(fmt.Sprint(p.Dead(), p.Started()))
	}, []string{"g starts with []", "main got <nil> no more tea", "true false"}},

	{"a greenlet that started its parent meanwhile dies into its switch", func(l *log) {
		p := New(l.waiting("p"))
		g := NewChild(p, func(...any) (any, error) { p.Switch(); return "g ends", nil })
		l.got("main")(g.Switch())
		l.got("main")(g.Switch())
	}, []string{"main got p waits <nil>", "p got g ends <nil>", "main got p waits <nil>", "p ends"}},

	{"the parent may change while suspended: doc creating greenlets", func(l *log) {
		g, p := New(l.waiting("g")), New(l.waiting("p"))
		g.Switch()
		p.Switch()
		require.NoError(l.t, g.SetParent(p))
		l.got("main")(g.Switch("end"))
	}, []string{"g got end <nil>", "g ends", "p got end <nil>", "p ends", "main got end <nil>"}},

	// Kill: as when Python drops the last reference, the end comes back to who caused it.
	{"kill runs deferred functions and comes back: test_dealloc", func(l *log) {
		p := New(l.waiting("p"))
		p.Switch()
		g := NewChild(p, func(...any) (any, error) {
			defer func() { l.add(fmt.Sprint("deferred ", recover())) }()
			Current().Parent().Parent().Switch()
			l.add("never")
			return nil, nil
		})
		g.Switch()
		l.got("main")(g.Kill())
		l.add(fmt.Sprint(g.Dead(), p.Dead()))
		l.got("main")(g.Kill())
	}, []string{"deferred <nil>", "main got greenlet: exit <nil>", "true false", "main got <nil> <nil>", "p ends"}},

	{"kill before start: the body never runs", func(l *log) {
		g := New(l.answering("g", nil, nil))
		l.got("main")(g.Kill())
		l.add(fmt.Sprint(g.Dead(), g.Started()))
	}, []string{"main got greenlet: exit <nil>", "true false"}},

	{"kill of the current one goes to its parent", func(l *log) {
		l.got("main")(New(func(...any) (any, error) {
			defer l.add("deferred")
			Current().Kill()
			return nil, errors.New("never")
		}).Switch())
	}, []string{"deferred", "main got greenlet: exit <nil>"}},

	{"kill of an ancestor comes back to the killer", func(l *log) {
		p := New(func(...any) (any, error) {
			defer l.add("p ends")
			return New(func(...any) (any, error) {
				l.got("child")(Current().Parent().Kill())
				return "child ends", nil
			}).Switch()
		})
		l.got("main")(p.Switch())
	}, []string{"p ends", "child got greenlet: exit <nil>", "main got child ends <nil>"}},

	{"killed, it may wait in a deferred function: test_parent_restored_on_kill", func(l *log) {
		main := Current()
		g := New(func(...any) (any, error) {
			defer func() { l.got("g")(main.Switch("one moment")) }()
			main.Switch()
			return nil, nil
		})
		g.Switch()
		l.got("main")(g.Kill())
		l.add(fmt.Sprint(g.Dead()))
		l.got("main")(g.Switch("now"))
		l.add(fmt.Sprint(g.Dead()))
	}, []string{"main got one moment <nil>", "false", "g got now <nil>", "main got greenlet: exit <nil>", "true"}},

	{"a deferred function's panic comes to the killer: test_dealloc_catches_GreenletExit_throws_other", func(l *log) {
		g := New(func(...any) (any, error) {
			defer func() { panic("while dying") }()
			return Current().Parent().Switch()
		})
		g.Switch()
		defer func() { l.add(fmt.Sprint(recover(), " ", g.Dead(), " ", g.Panicked().Value)) }()
		g.Kill()
	}, []string{"while dying true while dying"}},
}

func TestSemantics(t *testing.T) {
	for _, c := range semantics {
		t.Run(c.row, func(t *testing.T) {
			l := &log{t: t}
			run(t, func() error {
				c.fn(l)
				return nil
			})
			l.is(c.want...)
		})
	}
}

func TestStatesAndStrings(t *testing.T) {
	run(t, func() error {
		main := Current()
		require.Same(t, main, Current())
		require.Nil(t, main.Parent())
		require.Equal(t, "main greenlet 1 (current)", main.String())
		var g *Greenlet
		g = New(func(...any) (any, error) {
			require.Same(t, g, Current())
			require.Same(t, main, g.Parent())
			require.Equal(t, "greenlet 2 (current)", g.String())
			require.Equal(t, "main greenlet 1 (suspended)", main.String())
			return main.Switch()
		})
		states := func() string { return fmt.Sprint(g, g.Started(), g.Dead()) }
		require.Equal(t, "greenlet 2 (pending) false false", states())
		g.Switch()
		require.Equal(t, "greenlet 2 (suspended) true false", states())
		g.Switch()
		require.Equal(t, "greenlet 2 (dead) true true", states())
		require.Nil(t, g.Panicked())
		require.False(t, main.Dead())
		return nil
	})
}

func TestSetParentRefusals(t *testing.T) {
	run(t, func() error {
		main, none := Current(), func(...any) (any, error) { return nil, nil }
		a := New(none)
		b := NewChild(a, none)
		c := NewChild(b, none)
		require.ErrorIs(t, a.SetParent(a), ErrCycle, "test_trivial_cycle")
		require.ErrorIs(t, a.SetParent(c), ErrCycle, "test_deeper_cycle")
		require.ErrorIs(t, main.SetParent(a), ErrRoot, "test_trivial_cycle_main")
		require.Same(t, main, a.Parent())
		require.PanicsWithValue(t, "greenlet: SetParent needs a greenlet, got nil; only a root has no parent", func() { _ = a.SetParent(nil) })
		require.PanicsWithValue(t, "greenlet: New needs a function, got nil", func() { New(nil) })
		require.NoError(t, c.SetParent(main))
		require.Same(t, main, c.Parent())
		require.Same(t, main, NewChild(nil, none).Parent(), "test_parent_equals_None")
		return nil
	})
}

func TestArgumentsAreCopied(t *testing.T) {
	run(t, func() error {
		main := Current()
		var kept [][]any
		g := New(func(args ...any) (any, error) {
			kept = append(kept, args)
			v, _ := main.Switch()
			kept = append(kept, v.([]any))
			return nil, nil
		})
		args := []any{1, 2}
		g.Switch(args...)
		g.Switch(args...)
		args[0] = "changed"
		require.Equal(t, [][]any{{1, 2}, {1, 2}}, kept)
		return nil
	})
}
