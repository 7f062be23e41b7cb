package gevent

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each way in which fn can end leaves the scope.
func TestScopeEndsWithItsFunction(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	scopes := map[string]func(fn func() error) error{
		"WithTimeout":   func(fn func() error) error { return WithTimeout(time.Second, fn) },
		"Timeout.Do":    NewTimeout(time.Second).Do,
		"WithContext":   func(fn func() error) error { return WithContext(ctx, fn) },
		"Shield":        Shield,
		"ShieldTimeout": func(fn func() error) error { return ShieldTimeout(time.Second, fn) },
		"started": func(fn func() error) error {
			timeout := StartTimeout(time.Second)
			defer timeout.Cancel()
			return fn()
		},
	}
	ends := map[string]func(t *testing.T, scope func(func() error) error){
		"return": func(t *testing.T, scope func(func() error) error) {
			require.Same(t, errMade, scope(func() error { return errMade }))
		},
		"panic": func(t *testing.T, scope func(func() error) error) {
			require.PanicsWithValue(t, "made", func() { _ = scope(func() error { panic("made") }) })
		},
		"Goexit, seen by a deferred function": func(t *testing.T, scope func(func() error) error) {
			g := Spawn(func() error {
				defer func() { require.NoError(t, Sleep(time.Minute)) }()
				return scope(func() error { runtime.Goexit(); return nil })
			})
			require.ErrorIs(t, g.Get(), ErrExit)
		},
		"kill, seen by a deferred function": func(t *testing.T, scope func(func() error) error) {
			g := Spawn(func() error {
				defer func() { require.NoError(t, Sleep(time.Minute)) }()
				return scope(func() error { return Sleep(time.Hour) })
			})
			parked(t, g)
			require.NoError(t, g.Kill())
			require.ErrorIs(t, g.Err(), ErrExit)
		},
		"kill of the current one": func(t *testing.T, scope func(func() error) error) {
			g := Spawn(func() error { return scope(func() error { Exit(); return nil }) })
			require.ErrorIs(t, g.Get(), ErrExit)
		},
		"kill of one that is over": func(t *testing.T, scope func(func() error) error) {
			outer := NewTimeout(0)
			g := Spawn(func() error {
				defer func() { require.NoError(t, Sleep(time.Minute)) }()
				return outer.Do(func() error { return scope(func() error { Yield(); return nil }) })
			})
			Yield()
			require.NoError(t, g.Kill())
			require.ErrorIs(t, g.Err(), ErrExit)
		},
		"thrown error": func(t *testing.T, scope func(func() error) error) {
			g := Spawn(func() error { return scope(func() error { return Sleep(time.Hour) }) })
			parked(t, g)
			throw(g, errMade)
			require.Same(t, errMade, g.Get())
		},
	}
	for name, scope := range scopes {
		for end, test := range ends {
			t.Run(name+"/"+end, func(t *testing.T) {
				virtual(t, func() error {
					test(t, scope)
					require.Zero(t, GetHub().Stats().Timers)
					require.NoError(t, Sleep(time.Hour))
					return nil
				})
			})
		}
	}
}

func TestManyScopesLeaveNothing(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 1000
	}
	virtual(t, func() error {
		for range n {
			require.NoError(t, WithTimeout(time.Hour, func() error { return nil }))
			StartTimeout(time.Hour).Cancel()
		}
		require.Zero(t, GetHub().Stats().Timers)
		return nil
	})
}

// Who ignores errors and tries again without end stops neither the others nor its own kill.
func TestIgnoredCancellationStarvesNobody(t *testing.T) {
	run(t, func() error {
		g := Spawn(func() error {
			return WithTimeout(0, func() error {
				for {
					_ = Sleep(time.Hour)
				}
			})
		})
		require.NoError(t, Sleep(time.Millisecond))
		return g.Kill()
	})
}

func TestCanceled(t *testing.T) {
	virtual(t, func() error {
		require.NoError(t, Canceled())
		ctx, cancel := context.WithCancelCause(context.Background())
		return WithContext(ctx, func() error {
			require.NoError(t, Canceled())
			cancel(errMade)
			require.Same(t, errMade, Canceled(), "it looks itself")
			require.Same(t, errMade, Sleep(time.Hour))
			outer := NewTimeout(0)
			require.Same(t, errMade, outer.Do(Canceled))
			return nil
		})
	})
}
