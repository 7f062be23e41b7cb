package greenlet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var colour = NewVar("colour", "grey")

func TestVarIsIsolatedByDefault(t *testing.T) {
	run(t, func() error {
		require.Equal(t, "grey", colour.Get())
		colour.Set("red")
		_, err := New(func(...any) (any, error) {
			value, set := colour.Lookup()
			require.False(t, set)
			require.Equal(t, "grey", value)
			colour.Set("blue")
			require.Equal(t, "blue", colour.Get())
			return nil, nil
		}).Switch()
		require.Equal(t, "red", colour.Get())
		colour.Unset()
		require.Equal(t, "grey", colour.Get())
		require.Equal(t, "colour", colour.Name())
		return err
	})
}

func TestVarsCopied(t *testing.T) {
	run(t, func() error {
		main := Current()
		colour.Set("red")
		g := New(func(...any) (any, error) {
			require.Equal(t, "red", colour.Get())
			colour.Set("blue")
			main.Switch()
			return colour.Get(), nil
		})
		g.SetVars(main.Vars().Copy())
		g.Switch()
		require.Equal(t, "red", colour.Get())
		colour.Set("green")
		v, err := g.Switch()
		require.Equal(t, "blue", v)
		return err
	})
}

func TestVarsShared(t *testing.T) {
	run(t, func() error {
		main := Current()
		g := New(func(...any) (any, error) {
			colour.Set("blue")
			main.Switch()
			return colour.Get(), nil
		})
		g.SetVars(main.Vars())
		g.Switch()
		require.Equal(t, "blue", colour.Get())
		colour.Set("green")
		v, err := g.Switch()
		require.Equal(t, "green", v)
		require.Equal(t, 1, main.Vars().Len())
		return err
	})
}

func TestVarsAreGivenAtAnyTime(t *testing.T) {
	run(t, func() error {
		main := Current()
		other := new(Vars)
		g := New(func(...any) (any, error) {
			colour.Set("blue")
			main.Switch()
			first := colour.Get()
			Current().SetVars(other) // while it runs
			colour.Set("own")
			Current().SetVars(nil)
			return first + " " + colour.Get(), nil
		})
		g.Switch()
		g.SetVars(new(Vars)) // while it is suspended
		v, err := g.Switch()
		require.Equal(t, "grey grey", v)
		require.Equal(t, 1, other.Len())
		g.SetVars(other) // when it is dead
		require.Same(t, other, g.Vars())
		main.SetVars(other)
		require.Equal(t, "own", colour.Get())
		return err
	})
}

// Several greenlets come back from With in any order.
func TestWithAcrossSwitches(t *testing.T) {
	run(t, func() error {
		main := Current()
		shared := new(Vars)
		within := func(value string) *Greenlet {
			g := New(func(...any) (any, error) {
				colour.With(value, func() { main.Switch() })
				return colour.Get(), nil
			})
			g.Switch()
			return g
		}
		a, b := within("red"), within("blue")
		va, _ := a.Switch()
		vb, _ := b.Switch()
		require.Equal(t, []any{"grey", "grey"}, []any{va, vb})

		main.SetVars(shared)
		colour.Set("before")
		require.Panics(t, func() { colour.With("red", func() { panic("x") }) })
		require.Equal(t, "before", colour.Get())
		copied := shared.Copy()
		colour.Unset()
		colour.With("red", func() { require.Equal(t, "red", colour.Get()) })
		require.Zero(t, shared.Len())
		require.Equal(t, 1, copied.Len())
		return nil
	})
}

func TestGeneratorSeesTheVarsOfWhoAsks(t *testing.T) {
	run(t, func() error {
		g := Generate(func(y *Yielder[string, struct{}]) error {
			for {
				y.Yield(colour.Get())
			}
		})
		colour.Set("red")
		v, _ := g.Next()
		require.Equal(t, "red", v)
		_, err := New(func(...any) (any, error) {
			v, _ := g.Next()
			require.Equal(t, "grey", v)
			return nil, g.Close()
		}).Switch()
		return err
	})
}

func TestVarInTasks(t *testing.T) {
	runTasks(t, func(o *loop) {
		for _, value := range []string{"red", "blue"} {
			o.spawn(func() {
				colour.Set(value)
				o.yield()
				require.Equal(t, value, colour.Get())
			})
		}
	})
}

func TestCopyVars(t *testing.T) {
	require.Nil(t, CopyVars())
	clean(t)
	run(t, func() error {
		require.Nil(t, CopyVars())
		colour.Set("red")
		c := CopyVars()
		colour.Set("blue")
		Current().SetVars(c)
		require.Equal(t, "red", colour.Get())
		colour.Unset()
		require.Nil(t, CopyVars())
		return nil
	})
}

// A Var of an interface type may be set to nil.
func TestVarOfANilInterface(t *testing.T) {
	run(t, func() error {
		v := NewVar("err", errTea)
		v.Set(nil)
		err, set := v.Lookup()
		require.NoError(t, err)
		require.True(t, set)
		v.With(errBad, func() { require.Equal(t, errBad, v.Get()) })
		require.NoError(t, v.Get())
		v.Unset()
		require.Equal(t, errTea, v.Get())
		return nil
	})
}
