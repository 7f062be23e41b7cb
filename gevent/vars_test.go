package gevent

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
)

var flavour = greenlet.NewVar("flavour", "plain")

func TestVarsAreInheritedAtASpawn(t *testing.T) {
	virtual(t, func() error {
		look := func(want string) func() error {
			return func() error {
				require.Equal(t, want, flavour.Get())
				flavour.Set("my own")
				return nil
			}
		}
		require.NoError(t, JoinAll(Spawn(look("plain"))))
		flavour.Set("sesame")
		before := Spawn(look("sesame"))
		later := SpawnLater(1, look("sesame"))
		typed := Go(func() (string, error) { return flavour.Get(), nil })
		grown := Spawn(func() error { return Spawn(look("sesame")).Get() })
		flavour.Set("poppy") // they have begun with what was there at the spawn
		require.NoError(t, JoinAll(before, later, grown))
		got, err := typed.Get()
		require.Equal(t, "sesame", got)
		require.Equal(t, "poppy", flavour.Get())
		return err
	})
}

func TestVarsIsolatedAndSharedOnRequest(t *testing.T) {
	virtual(t, func() error {
		flavour.Set("sesame")
		require.NoError(t, Spawn(Isolated(func() error {
			require.Equal(t, "plain", flavour.Get())
			flavour.Set("my own")
			return nil
		})).Get())
		require.Equal(t, "sesame", flavour.Get())
		require.NoError(t, Spawn(Shared(func() error {
			require.Equal(t, "sesame", flavour.Get())
			flavour.Set("ours")
			return nil
		})).Get())
		require.Equal(t, "ours", flavour.Get())
		return nil
	})
}

func TestContextValuesAreInheritedAtASpawnButNotItsEnd(t *testing.T) {
	type key struct{}
	virtual(t, func() error {
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		defer cancel()
		var child *Greenlet
		require.NoError(t, WithContext(ctx, func() error {
			child = Spawn(func() error {
				require.NoError(t, Sleep(1))
				require.Equal(t, "value", Context().Value(key{}))
				require.NoError(t, Context().Err())
				return Spawn(func() error {
					require.Equal(t, "value", Context().Value(key{}))
					return nil
				}).Get()
			})
			return nil
		}))
		cancel()
		require.NoError(t, child.Get())
		require.Nil(t, Context().Value(key{}))
		return nil
	})
}
