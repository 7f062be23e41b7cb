package gevent

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

type contextKey string

func requireDone(t testing.TB, ctx context.Context, err, cause error) {
	t.Helper()
	select {
	case <-ctx.Done():
	default:
		t.Fatal("not done")
	}
	require.Equal(t, err, ctx.Err())
	require.Equal(t, cause, context.Cause(ctx))
}

func TestContextCostsNoGoroutine(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		before := runtime.NumGoroutine()
		return WithContext(ctx, func() error {
			return WithTimeout(time.Hour, func() error {
				child, cancel := context.WithTimeout(Context(), time.Minute)
				defer cancel()
				grandchild, cancel := context.WithCancel(context.WithValue(child, contextKey("k"), 1))
				defer cancel()
				require.NoError(t, grandchild.Err())
				require.LessOrEqual(t, runtime.NumGoroutine(), before)
				return nil
			})
		})
	})
}

// §2.9, contextvars: each greenlet has a context of its own.
func TestContextOfAGreenlet(t *testing.T) {
	virtual(t, func() error {
		mine := Context()
		require.Same(t, mine, Context(), "made once")
		var its context.Context
		g := Spawn(func() error {
			its = Context()
			return Sleep(time.Second)
		})
		parked(t, g)
		require.NoError(t, its.Err())
		require.NoError(t, g.Join())
		requireDone(t, its, context.Canceled, context.Canceled)
		require.NoError(t, mine.Err())
		_, ok := mine.Deadline()
		require.False(t, ok)
		return nil
	})
}

// A kill ends the context at once, before the deferred functions run, however the greenlet is killed.
func TestContextEndsWithTheKill(t *testing.T) {
	kills := map[string]func(g *Greenlet){
		"Kill":      func(g *Greenlet) { g.KillAsync() },
		"KillAll":   func(g *Greenlet) { _ = KillAll(g) },
		"Exit":      func(g *Greenlet) { GetHub().sched.Ready(&g.task) },
		"main ends": nil,
	}
	for name, kill := range kills {
		t.Run(name, func(t *testing.T) {
			seen := 0
			check := func(ctx context.Context) {
				requireDone(t, ctx, context.Canceled, ErrExit)
				seen++
			}
			require.NoError(t, Run(func() error {
				var ctx, inner context.Context
				g := Spawn(func() error {
					ctx = Context()
					defer func() {
						check(ctx)
						check(inner)
						check(Context())
						require.NoError(t, Shield(func() error {
							require.NoError(t, Context().Err(), "for clean-up")
							return Sleep(1)
						}))
					}()
					return WithTimeout(time.Hour, func() error {
						inner = Context()
						_ = GetHub().sched.Park(sched.Why("test"))
						Exit()
						return nil
					})
				})
				Yield()
				require.NoError(t, ctx.Err())
				if kill != nil {
					kill(g)
					if name == "Kill" {
						check(ctx)
						seen--
					}
					_ = g.Join()
				}
				return nil
			}))
			require.Equal(t, 3, seen)
		})
	}
}

func TestContextFirstAskedForAfterTheKill(t *testing.T) {
	virtual(t, func() error {
		g := Spawn(func() error {
			defer func() {
				requireDone(t, Context(), context.Canceled, ErrExit)
				_ = Shield(func() error {
					ctx := Context()
					require.NoError(t, ctx.Err())
					defer func() { requireDone(t, ctx, context.Canceled, ErrExit) }()
					return Sleep(time.Hour)
				})
			}()
			return Sleep(time.Hour)
		})
		parked(t, g)
		g.KillAsync()
		parked(t, g)
		return g.Kill()
	})
}

// It ends with the scope in which it was asked for: when that is left, and when it or one around it is over.
func TestContextOfAScope(t *testing.T) {
	virtual(t, func() error {
		outer, inner := NewTimeout(time.Minute), NewTimeout(time.Second)
		var left context.Context
		require.NoError(t, inner.Do(func() error { left = Context(); return nil }))
		requireDone(t, left, context.Canceled, context.Canceled)

		_ = outer.Do(func() error {
			around := Context()
			_ = inner.Do(func() error {
				ctx := Context()
				require.NotSame(t, around, ctx)
				err := Sleep(time.Hour)
				requireDone(t, ctx, context.DeadlineExceeded, err)
				requireDone(t, Context(), context.DeadlineExceeded, err)
				_ = WithTimeout(time.Hour, func() error {
					requireDone(t, Context(), context.DeadlineExceeded, err)
					return nil
				})
				return nil
			})
			require.NoError(t, around.Err())
			_ = WithTimeout(time.Hour, func() error {
				ctx := Context()
				_ = Shield(func() error {
					shielded := Context()
					require.NoError(t, Sleep(time.Hour))
					requireDone(t, ctx, context.DeadlineExceeded, outer.own)
					requireDone(t, around, context.DeadlineExceeded, outer.own)
					require.NoError(t, shielded.Err())
					return WithTimeout(time.Second, func() error {
						shielded := Context()
						err := Sleep(time.Hour)
						requireDone(t, shielded, context.DeadlineExceeded, err)
						return nil
					})
				})
				return nil
			})
			return nil
		})
		require.NoError(t, Context().Err())
		return nil
	})
}

// A Timeout that was started ends a wait, and no context.
func TestContextAndAStartedTimeout(t *testing.T) {
	virtual(t, func() error {
		timeout := StartTimeout(time.Second)
		ctx := Context()
		require.True(t, timeout.Is(Sleep(time.Hour)))
		require.NoError(t, ctx.Err())
		require.Same(t, ctx, Context())
		return nil
	})
}

func TestContextCarriesValues(t *testing.T) {
	virtual(t, func() error {
		key := contextKey("k")
		ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), key, 1))
		return WithContext(ctx, func() error {
			require.Equal(t, 1, Context().Value(key))
			require.NoError(t, WithTimeout(time.Second, func() error {
				require.Equal(t, 1, Context().Value(key))
				_ = Shield(func() error {
					require.Equal(t, 1, Context().Value(key))
					shielded := Context()
					cancel(errMade)
					require.NoError(t, shielded.Err())
					return nil
				})
				requireDone(t, Context(), context.Canceled, errMade)
				return nil
			}))
			require.NoError(t, WithContext(context.WithValue(context.Background(), key, 2), func() error {
				require.Equal(t, 2, Context().Value(key))
				require.NoError(t, Sleep(0))
				return nil
			}))
			require.NoError(t, Spawn(func() error {
				require.Equal(t, 1, Context().Value(key), "inherited")
				require.NoError(t, Context().Err(), "though the end is not")
				return nil
			}).Get())
			return nil
		})
	})
}

// The earliest of the deadlines around, up to a shield.
func TestContextDeadline(t *testing.T) {
	virtual(t, func() error {
		within := func(want time.Duration) {
			t.Helper()
			at, ok := Context().Deadline()
			require.True(t, ok)
			require.InDelta(t, want, time.Until(at), float64(time.Minute))
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
		defer cancel()
		return WithTimeout(3*time.Hour, func() error {
			within(3 * time.Hour)
			require.NoError(t, WithTimeout(4*time.Hour, func() error { within(3 * time.Hour); return nil }))
			require.NoError(t, WithContext(ctx, func() error {
				within(2 * time.Hour)
				return WithTimeout(time.Hour, func() error { within(time.Hour); return nil })
			}))
			require.NoError(t, ShieldTimeout(5*time.Hour, func() error { within(5 * time.Hour); return nil }))
			return Shield(func() error {
				_, ok := Context().Deadline()
				require.False(t, ok)
				return nil
			})
		})
	})
}

// Posted functions have a context, too; it ends with them.
func TestContextOfAPost(t *testing.T) {
	virtual(t, func() error {
		var ctx context.Context
		GetHub().Post(func() { ctx = Context() })
		require.NoError(t, Sleep(1))
		requireDone(t, ctx, context.Canceled, context.Canceled)
		return nil
	})
}
