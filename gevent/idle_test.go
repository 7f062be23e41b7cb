package gevent

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func TestIdle(t *testing.T) {
	virtual(t, func() error {
		var l log
		idler := func(name string) *Greenlet {
			return Spawn(func() error {
				for range 2 {
					if err := Idle(); err != nil {
						return err
					}
					l.add(name)
				}
				return nil
			})
		}
		a, b := idler("a"), idler("b")
		busy := Spawn(func() error {
			for range 200 {
				Yield()
			}
			l.add("busy")
			return nil
		})
		require.NoError(t, JoinAll(a, b, busy))
		require.Equal(t, "busy a b a b", l.String())
		require.NoError(t, Idle(), "alone")
		return nil
	})
}

// What sleeps is not ready: Idle does not wait for it.
func TestIdleWhileOthersSleep(t *testing.T) {
	virtual(t, func() error {
		g := napper()
		require.NoError(t, Idle())
		require.Zero(t, GetHub().sched.Now())
		waiter := Spawn(func() error { return Idle() })
		spin := Spawn(func() error {
			for {
				Yield()
			}
		})
		parked(t, waiter)
		waiter.Throw(errMade)
		require.Same(t, errMade, waiter.Get())
		return KillAll(g, spin)
	})
}

func TestWaitIdle(t *testing.T) {
	virtual(t, func() error {
		var l log
		for i := range 3 {
			SpawnLater(time.Duration(3-i)*time.Second, func() error {
				l.add(Current().String())
				return nil
			})
		}
		require.NoError(t, WaitIdle())
		require.Equal(t, "task 4 task 3 task 2", l.String())
		require.NoError(t, WaitIdle(), "again, at once")
		Spawn(func() error { l.add("later"); return nil })
		require.NoError(t, WaitIdle(), "the hub is as it was")
		require.Equal(t, "later", l[3])
		return nil
	})
}

// Those who wait for what cannot come are no reason to go on waiting, and no deadlock as long as somebody looks after them.
func TestWaitIdleWithStuckGreenlets(t *testing.T) {
	virtual(t, func() error {
		stuck := Spawn(func() error { return GetHub().sched.Park(sched.Why("nothing")) })
		a := Spawn(WaitIdle)
		b := Spawn(func() error { return WaitIdleTimeout(time.Hour) })
		require.NoError(t, WaitIdle())
		require.NoError(t, JoinAll(a, b))
		require.Zero(t, GetHub().sched.Now())
		return stuck.Kill()
	})
}

func TestWaitIdleTimeout(t *testing.T) {
	virtual(t, func() error {
		g := after(9)
		require.ErrorIs(t, WaitIdleTimeout(5*time.Second), ErrTimeout)
		require.ErrorIs(t, WaitIdleTimeout(0), ErrTimeout)
		require.NoError(t, WaitIdleTimeout(5*time.Second))
		require.True(t, g.Ready())
		quick := Spawn(func() error { return nil })
		require.NoError(t, WaitIdleTimeout(0))
		require.True(t, quick.Ready())
		waiter := Spawn(WaitIdle)
		g = after(1)
		parked(t, waiter)
		waiter.Throw(errMade)
		require.Same(t, errMade, waiter.Get())
		return g.Join()
	})
}

// Who holds the hub may still post.
func TestWaitIdleWithAHold(t *testing.T) {
	run(t, func() error {
		h := GetHub()
		release := h.Hold()
		posted := false
		go func() {
			h.Post(func() { posted = true })
			release()
		}()
		require.NoError(t, WaitIdle())
		require.True(t, posted)
		return nil
	})
}

// A deferred function may wait for the others at the hub's end.
func TestWaitIdleAtTheEnd(t *testing.T) {
	var l log
	require.NoError(t, virtualConfig(t, Config{}, func() error {
		g := Spawn(func() error {
			defer func() { l.add("other") }()
			defer func() { _ = Sleep(time.Second) }()
			return Sleep(time.Hour)
		})
		w := Spawn(func() error {
			defer func() {
				_ = WaitIdle()
				l.add("waiter")
			}()
			return Sleep(time.Hour)
		})
		Yield()
		KillAll(g, w)
		return nil
	}))
	require.Equal(t, "other waiter", l.String())
}

// Whoever makes one ready that waits in Idle has not made the hub idle.
func TestIdleStrayReady(t *testing.T) {
	virtual(t, func() error {
		g := Spawn(Idle)
		spin := Spawn(func() error {
			for {
				Yield()
			}
		})
		for range 3 {
			parked(t, g)
			require.True(t, GetHub().sched.Ready(&g.task))
		}
		parked(t, g)
		require.NoError(t, spin.Kill())
		return g.Get()
	})
}

// The context around the call can be done at any time; that is nothing to wait for. It still ends the wait.
func TestWaitIdleInAContext(t *testing.T) {
	virtual(t, func() error {
		ctx, cancel := context.WithCancelCause(context.Background())
		outer, cancelOuter := context.WithCancel(context.Background())
		defer cancelOuter()
		return WithContext(outer, func() error {
			return WithContext(ctx, func() error {
				Spawn(func() error { return Sleep(time.Hour) })
				require.NoError(t, WaitIdle())
				require.Equal(t, time.Hour, GetHub().sched.Now())
				require.NoError(t, WaitIdleTimeout(time.Hour))
				require.Equal(t, time.Hour, GetHub().sched.Now())
				other := Spawn(func() error { return WithContext(outer, func() error { return new(Event).Wait() }) })
				require.ErrorIs(t, WaitIdleTimeout(time.Second), ErrTimeout, "that one may still go on")
				cancel(errMade)
				require.Same(t, errMade, WaitIdle())
				other.KillAsync()
				return nil
			})
		})
	})
}

// The limit of the call itself is nothing that can happen, whichever way it is set; it still ends the wait.
func TestWaitIdleInATimeout(t *testing.T) {
	for name, limited := range map[string]func(fn func() error) error{
		"WithTimeout": func(fn func() error) error { return WithTimeout(time.Hour, fn) },
		"Timeout.Start": func(fn func() error) error {
			limit := StartTimeout(time.Hour)
			defer limit.Cancel()
			return fn()
		},
		"the outer one": func(fn func() error) error {
			return WithTimeout(time.Hour, func() error { return WithTimeout(3*time.Hour, fn) })
		},
		"the inner one": func(fn func() error) error {
			return WithTimeout(3*time.Hour, func() error { return WithTimeout(time.Hour, fn) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				s := GetHub().sched
				begun := s.Now()
				require.NoError(t, limited(WaitIdle))
				require.Zero(t, s.Now()-begun, "nothing else is left")
				Spawn(func() error { return Sleep(time.Minute) })
				require.NoError(t, limited(WaitIdle))
				require.Equal(t, time.Minute, s.Now()-begun)

				begun = s.Now()
				long := Spawn(func() error { return Sleep(2 * time.Hour) })
				require.ErrorIs(t, limited(WaitIdle), ErrTimeout)
				require.Equal(t, time.Hour, s.Now()-begun)
				require.NoError(t, limited(func() error { return Sleep(59 * time.Minute) }), "each time anew")
				require.ErrorIs(t, WaitIdleTimeout(time.Second), ErrTimeout)
				require.NoError(t, long.Join())

				// Inside a limit that goes on after the wait, it holds.
				require.ErrorIs(t, limited(func() error {
					require.NoError(t, WaitIdle())
					return Sleep(2 * time.Hour)
				}), ErrTimeout)

				// The limit of somebody else is something that can happen.
				other := Spawn(func() error { return WithTimeout(time.Minute, new(Event).Wait) })
				require.NoError(t, limited(WaitIdle))
				require.True(t, other.Ready())

				g := Spawn(func() error { return limited(WaitIdle) })
				blocker := Spawn(func() error { return Sleep(time.Minute) })
				parked(t, g)
				require.NoError(t, g.Kill())
				return blocker.Kill()
			})
		})
	}
}
