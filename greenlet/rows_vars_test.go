package greenlet

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The rows of docs/SEMANTICS.md that tell of variables.

var (
	rowUser  = NewVar("user", "nobody")
	rowDepth = NewVar("depth", 0)
)

// asking returns a greenlet that sends who the user is each time that it is resumed, and sets it to what it is sent.
func asking() *Greenlet {
	return New(func(args ...any) (any, error) {
		for {
			if len(args) == 1 && args[0] != nil {
				rowUser.Set(args[0].(string))
			}
			v, err := Current().Parent().Switch(rowUser.Get())
			if err != nil {
				return nil, err
			}
			args = []any{v}
		}
	})
}

func answer(t *testing.T, g *Greenlet, send ...any) string {
	t.Helper()
	v, err := g.Switch(send...)
	require.NoError(t, err)
	return v.(string)
}

// test_context_not_propagated
func TestRowVarsOfANewGreenletAreEmpty(t *testing.T) {
	run(t, func() error {
		rowUser.Set("ann")
		g := asking()
		require.Equal(t, "nobody", answer(t, g))
		require.Equal(t, "bob", answer(t, g, "bob"))
		require.Equal(t, "ann", rowUser.Get())
		require.Equal(t, "bob", answer(t, g), "and it is isolated from then on")
		rowUser.Unset()
		_, set := rowUser.Lookup()
		require.False(t, set)
		require.Equal(t, 1, g.Vars().Len())
		require.Zero(t, Current().Vars().Len())
		return nil
	})
}

func TestRowVarsAreMadeWhenTheyAreUsed(t *testing.T) {
	run(t, func() error {
		g := asking()
		answer(t, g)
		require.Nil(t, g.flow.vars, "to read costs none")
		answer(t, g, "bob")
		require.NotNil(t, g.flow.vars)
		return nil
	})
}

// test_context_propagated_by_setting_attribute
func TestRowVarsCopied(t *testing.T) {
	run(t, func() error {
		rowUser.Set("ann")
		g := asking()
		g.SetVars(Current().Vars().Copy())
		require.Equal(t, "ann", answer(t, g))
		require.Equal(t, "bob", answer(t, g, "bob"))
		require.Equal(t, "ann", rowUser.Get())
		rowUser.Set("eve")
		require.Equal(t, "bob", answer(t, g))
		return nil
	})
}

// test_context_shared
func TestRowVarsShared(t *testing.T) {
	run(t, func() error {
		g, h := asking(), asking()
		g.SetVars(Current().Vars())
		h.SetVars(g.Vars())
		require.Same(t, Current().Vars(), h.Vars())
		rowUser.Set("ann")
		require.Equal(t, "ann", answer(t, g))
		require.Equal(t, "bob", answer(t, h, "bob"))
		require.Equal(t, "bob", answer(t, g))
		require.Equal(t, "bob", rowUser.Get())
		return nil
	})
}

// test_context_assignment_while_running
func TestRowVarsMayBeAssignedAtAnyTime(t *testing.T) {
	run(t, func() error {
		ann := new(Vars)
		main := Current()
		main.SetVars(ann)
		rowUser.Set("ann")
		main.SetVars(nil)
		require.Equal(t, "nobody", rowUser.Get(), "the current one's own, from the next use on")
		main.SetVars(ann)
		require.Equal(t, "ann", rowUser.Get())
		main.SetVars(new(Vars))

		g := asking()
		g.SetVars(ann)
		require.Equal(t, "ann", answer(t, g), "before the start")
		g.SetVars(nil)
		require.Equal(t, "nobody", answer(t, g), "while it is suspended")
		g.Kill()
		g.SetVars(ann)
		require.Same(t, ann, g.Vars(), "after the end")
		return nil
	})
}

// test_context_assignment_different_thread
func TestRowVarsOfAnotherThread(t *testing.T) {
	run(t, func() error {
		g := asking()
		answer(t, g, "bob")
		done := make(chan bool)
		go func() {
			defer close(done)
			require.PanicsWithValue(t, "greenlet: Vars"+elsewhere, func() { g.Vars() })
			require.PanicsWithValue(t, "greenlet: SetVars"+elsewhere, func() { g.SetVars(nil) })
			_ = Run(func() error {
				require.Equal(t, "nobody", rowUser.Get())
				return nil
			})
		}()
		<-done
		require.Equal(t, "bob", answer(t, g))
		return nil
	})
}

func TestRowVarsInAGeneratorAreItsConsumers(t *testing.T) {
	run(t, func() error {
		g := Generate(func(y *Yielder[string, int]) error {
			for {
				y.Yield(rowUser.Get())
			}
		})
		rowUser.Set("ann")
		v, _ := g.Next()
		require.Equal(t, "ann", v)
		_, err := New(func(...any) (any, error) {
			rowUser.Set("bob")
			v, _ := g.Next()
			require.Equal(t, "bob", v)
			return nil, nil
		}).Switch()
		require.NoError(t, err)
		return g.Close()
	})
}

// test_break_ctxvars is what does not break here: greenlets may come back from With in any order, whether they share their
// Vars, have copies of them, or have nothing in common.
func TestRowWithMayBeLeftInAnyOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(main *Greenlet) *Vars
		start string
	}{
		{"isolated", func(*Greenlet) *Vars { return new(Vars) }, "0"},
		{"copied", func(main *Greenlet) *Vars { return main.Vars().Copy() }, "7"},
	} {
		for _, order := range [][2]int{{0, 1}, {1, 0}} {
			t.Run(fmt.Sprint(c.name, " ", order), func(t *testing.T) {
				run(t, func() error {
					main := Current()
					rowDepth.Set(7)
					var gs [2]*Greenlet
					for i := range gs {
						gs[i] = New(func(...any) (any, error) {
							main.Switch(fmt.Sprint(rowDepth.Get()))
							rowDepth.With(10+i, func() { main.Switch(fmt.Sprint(rowDepth.Get())) })
							return fmt.Sprint(rowDepth.Get()), nil
						})
						gs[i].SetVars(c.given(main))
						require.Equal(t, c.start, answer(t, gs[i]))
					}
					rowDepth.With(9, func() {
						for i := range gs {
							require.Equal(t, fmt.Sprint(10+i), answer(t, gs[i]))
						}
					})
					require.Equal(t, 7, rowDepth.Get(), "main is the first to leave, the others are inside")
					for _, i := range order {
						require.Equal(t, c.start, answer(t, gs[i]))
					}
					require.Equal(t, 7, rowDepth.Get())
					return nil
				})
			})
		}
	}
}

// Who shares Vars shares what With sets and takes back: each puts back what it has found.
func TestRowWithInSharedVars(t *testing.T) {
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			rowDepth.With(2, func() { main.Switch() })
			return nil, nil
		})
		g.SetVars(main.Vars())
		rowDepth.With(1, func() {
			g.Switch()
			require.Equal(t, 2, rowDepth.Get())
		})
		require.Equal(t, 0, rowDepth.Get())
		g.Switch()
		require.Equal(t, 1, rowDepth.Get())
		return nil
	})
}

// test_not_broken_if_using_attribute_instead_of_context_run
func TestRowWithKeepsToTheVarsOfItsCall(t *testing.T) {
	run(t, func() error {
		first, second := new(Vars), new(Vars)
		main := Current()
		main.SetVars(first)
		rowDepth.Set(1)
		rowDepth.With(2, func() {
			main.SetVars(second)
			require.Equal(t, 0, rowDepth.Get())
			rowDepth.Set(5)
		})
		require.Equal(t, 5, rowDepth.Get(), "what it was given inside is left alone")
		main.SetVars(first)
		require.Equal(t, 1, rowDepth.Get())
		return nil
	})
}

func TestRowWithEndsHoweverTheFunctionDoes(t *testing.T) {
	run(t, func() error {
		require.PanicsWithValue(t, "spilt", func() { rowDepth.With(1, spill) })
		require.Zero(t, Current().Vars().Len())
		shared := Current().Vars()
		g := New(func(...any) (any, error) {
			rowDepth.With(1, func() { Current().Parent().Switch() })
			return nil, nil
		})
		g.SetVars(shared)
		g.Switch()
		require.Equal(t, 1, shared.Len())
		g.Kill()
		require.Zero(t, shared.Len())
		return nil
	})
}
