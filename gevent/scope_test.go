package gevent

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/greenlet"
	"greenloop/sched"
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

// A generator that yields inside a scope leaves it open for its consumer, who may leave its own scopes before it.
func TestScopeOfASuspendedGenerator(t *testing.T) {
	virtual(t, func() error {
		inner, outer := NewTimeout(time.Second), NewTimeout(time.Minute)
		values := greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
			return inner.Do(func() error {
				y.Yield(1)
				return Sleep(time.Hour)
			})
		})
		require.NoError(t, outer.Do(func() error {
			_, ok := values.Next()
			require.True(t, ok)
			return nil
		}))
		require.Equal(t, 1, GetHub().Stats().Timers, "of the outer nothing is left")
		require.True(t, inner.Is(Sleep(time.Hour)), "the scope is the greenlet's")
		_, ok := values.Next()
		require.False(t, ok)
		require.True(t, inner.Is(values.Err()))
		require.NoError(t, Sleep(time.Hour), "left")
		return nil
	})
}

// It may be closed instead, or be continued by another greenlet, during or after the life of the one to which the scope belongs.
func TestScopeOfAGeneratorThatMoves(t *testing.T) {
	generate := func(scope *Timeout) *greenlet.Generator[int, int] {
		return greenlet.Generate(func(y *greenlet.Yielder[int, int]) error {
			return scope.Do(func() error {
				y.Yield(1)
				return Sleep(time.Hour)
			})
		})
	}
	virtual(t, func() error {
		scope := NewTimeout(time.Second)
		values := generate(scope)
		values.Next()
		require.NoError(t, values.Close())
		require.NoError(t, Sleep(time.Hour))

		values = generate(scope)
		values.Next()
		other := Spawn(func() error {
			_, ok := values.Next()
			require.False(t, ok)
			return values.Err()
		})
		require.True(t, scope.Is(Sleep(2*time.Hour)), "while the other waits inside")
		require.NoError(t, Shield(other.Get), "the scope is not the other's")
		require.NoError(t, Sleep(2*time.Hour), "which has left it")
		return nil
	})
	virtual(t, func() error {
		scope := NewTimeout(time.Second)
		values := generate(scope)
		first := Spawn(func() error { values.Next(); return Sleep(time.Second / 2) })
		second := Spawn(func() error {
			values.Next()
			return values.Err()
		})
		require.NoError(t, first.Get())
		require.Zero(t, GetHub().Stats().Timers-1, "that of the second one's Sleep")
		require.NoError(t, second.Get())
		return nil
	})
}

// What has ended is nobody's any more, though the task is used again.
func TestScopeThatOutlivesItsTask(t *testing.T) {
	virtual(t, func() error {
		h := GetHub()
		var s scope
		h.sched.Go(func() {
			s.deadline = Never
			s.enter(extraHere("test"))
			s.end(errMade)
		})
		Yield()
		var again *sched.Task
		h.sched.Go(func() {
			again = h.sched.Current()
			s.leave()
			s.end(errMade)
			require.NoError(t, Sleep(1))
		})
		require.NoError(t, Sleep(2))
		require.NotNil(t, again)
		return nil
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

func TestShieldErrors(t *testing.T) {
	virtual(t, func() error {
		require.Same(t, errMade, Shield(func() error { return errMade }))
		require.True(t, errors.Is(ShieldTimeout(0, Canceled), ErrTimeout))
		return nil
	})
}
