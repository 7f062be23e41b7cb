package gevent

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestShield(t *testing.T) {
	virtual(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		timeout := NewTimeout(time.Second)
		for name, scope := range map[string]func(fn func() error) error{
			"timeout, over":   func(fn func() error) error { return WithTimeout(0, fn) },
			"timeout, inside": func(fn func() error) error { return WithTimeout(time.Second, fn) },
			"context":         func(fn func() error) error { return WithContext(ctx, fn) },
			"started": func(fn func() error) error {
				timeout.Start()
				defer timeout.Cancel()
				return fn()
			},
			"started, on its way": func(fn func() error) error {
				timeout := StartTimeout(0)
				defer timeout.Cancel()
				return fn()
			},
		} {
			err := scope(func() error {
				require.NoError(t, Shield(func() error {
					require.NoError(t, Sleep(time.Minute), name)
					return Shield(func() error { return Sleep(time.Minute) })
				}), name)
				return Sleep(1)
			})
			require.Error(t, err, name)
			require.NoError(t, Sleep(time.Minute), name)
		}
		return nil
	})
}

// A scope inside the shield counts there.
func TestScopesInsideAShield(t *testing.T) {
	virtual(t, func() error {
		return WithTimeout(0, func() error {
			_ = Shield(func() error {
				inner := NewTimeout(time.Second)
				require.True(t, inner.Is(inner.Do(func() error { return Sleep(time.Minute) })))
				inner.Start()
				require.True(t, inner.Is(Sleep(time.Minute)))
				return Sleep(time.Minute)
			})
			require.ErrorIs(t, Sleep(1), ErrTimeout)
			return nil
		})
	})
}

// What the shield has kept off comes through at its end, also through one of several.
func TestShieldKeepsWhatWasThrown(t *testing.T) {
	virtual(t, func() error {
		first, second := StartTimeout(0), StartTimeout(time.Second)
		require.NoError(t, Shield(func() error {
			require.NoError(t, Shield(func() error { return Sleep(time.Minute) }))
			require.True(t, first.Pending())
			require.True(t, second.Pending())
			return Sleep(time.Minute)
		}))
		hits := 0
		for range 4 {
			if err := Sleep(1); first.Is(err) || second.Is(err) {
				hits++
			}
		}
		require.Equal(t, 2, hits)

		first.Start()
		require.NoError(t, Shield(func() error { first.Cancel(); return Sleep(1) }))
		return Sleep(1)
	})
}

func TestShieldTimeout(t *testing.T) {
	virtual(t, func() error {
		outer := NewTimeout(0)
		return outer.Do(func() error {
			require.NoError(t, ShieldTimeout(time.Second, func() error { return Sleep(time.Millisecond) }))
			begun := now()
			err := ShieldTimeout(time.Second, func() error {
				_ = Sleep(time.Minute)
				return Sleep(time.Minute)
			})
			require.ErrorIs(t, err, ErrTimeout)
			require.False(t, outer.Is(err))
			require.Equal(t, time.Second, now()-begun)
			require.ErrorIs(t, ShieldTimeout(0, func() error { return Sleep(1) }), ErrTimeout)
			require.True(t, outer.Is(Sleep(1)))
			return nil
		})
	})
}

func TestKillGoesThroughAShield(t *testing.T) {
	virtual(t, func() error {
		g := Spawn(func() error { return Shield(func() error { return Sleep(time.Hour) }) })
		parked(t, g)
		require.NoError(t, g.Kill())
		require.Zero(t, now())
		return nil
	})
}

func TestShieldErrors(t *testing.T) {
	virtual(t, func() error {
		require.Same(t, errMade, Shield(func() error { return errMade }))
		require.True(t, errors.Is(ShieldTimeout(0, Canceled), ErrTimeout))
		return nil
	})
}
