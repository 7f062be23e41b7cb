package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// whileHeld parks a greenlet on c, ends its wait with end, and keeps the lock from it meanwhile. hold calls during
// before it releases the lock. What the greenlet finds when it goes on, in a deferred function, is told to after.
func whileHeld(t *testing.T, c *Condition, end, during func(g *Greenlet), after func(err error)) *Greenlet {
	victim := Spawn(func() error {
		require.NoError(t, c.Acquire())
		defer c.Release()
		err := ErrExit
		defer func() {
			require.True(t, c.held(GetHub()), "it holds the lock")
			after(err)
		}()
		err = c.Wait()
		return err
	})
	parked(t, victim)
	c.holding(func() {
		end(victim)
		parked(t, victim)
		during(victim)
		parked(t, victim)
	})
	require.NoError(t, victim.Join())
	require.False(t, c.Locked())
	return victim
}

// Whatever ends the wait, and whatever comes while it waits for the lock, the lock is held again.
func TestConditionHoldsTheLockAgainWhateverEndsTheWait(t *testing.T) {
	acts := map[string]func(c *Condition, g *Greenlet){
		"notify": func(c *Condition, _ *Greenlet) { c.Notify(1) },
		"kill":   func(_ *Condition, g *Greenlet) { g.KillAsync() },
		"throw":  func(_ *Condition, g *Greenlet) { throw(g, errMade) },
		"cancel": func(_ *Condition, g *Greenlet) { g.hub.sched.Cancel(&g.task, errMade) },
		"ready":  func(_ *Condition, g *Greenlet) { g.hub.sched.Ready(&g.task) },
	}
	ends := map[string]error{"notify": nil, "kill": ErrExit, "throw": errMade, "cancel": errMade}
	for how, err := range ends {
		for what, during := range acts {
			t.Run(how+" then "+what, func(t *testing.T) {
				eachCondition(t, func(t *testing.T, c *Condition) {
					want := err
					if what == "kill" {
						want = ErrExit // it does not get back from Wait
					}
					ran := false
					victim := whileHeld(t, c,
						func(g *Greenlet) { acts[how](c, g) }, func(g *Greenlet) { during(c, g) },
						func(got error) { require.Equal(t, want, got); ran = true })
					require.True(t, ran)
					require.Equal(t, want, victim.Err())
				})
			})
		}
	}
}

// What is thrown at a greenlet that was notified, or its canceled scope, comes back from its next wait.
func TestConditionKeepsAThrowForTheNextWait(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		var next error
		victim := whileHeld(t, c,
			func(*Greenlet) { c.Notify(1) },
			func(g *Greenlet) { throw(g, errMade); throw(g, ErrTimeout) },
			func(err error) { require.NoError(t, err); next = Sleep(time.Hour) })
		require.NoError(t, victim.Err())
		require.Equal(t, ErrTimeout, next)
	})
}

// A second kill, and a third, do not take the lock from the holder either.
func TestConditionKilledManyTimesWaitsForTheLock(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		kill := (*Greenlet).KillAsync
		ran := false
		victim := whileHeld(t, c, kill, func(g *Greenlet) {
			for range 5 {
				kill(g)
				parked(t, g)
				kill(g)
				kill(g)
			}
		}, func(error) { ran = true })
		require.True(t, ran)
		require.ErrorIs(t, victim.Err(), ErrExit)
	})
}

// If the holder has ended without a release nobody else will give the lock: a kill takes it over.
func TestConditionKilledTakesOverFromADeadHolder(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		ran := false
		victim := Spawn(func() error {
			require.NoError(t, c.Acquire())
			defer c.Release()
			defer func() { require.True(t, c.held(GetHub())); ran = true }()
			return c.Wait()
		})
		parked(t, victim)
		require.NoError(t, Spawn(c.Acquire).Get())
		victim.KillAsync()
		parked(t, victim)
		require.NoError(t, victim.Kill())
		require.True(t, ran)
		require.False(t, c.Locked())
	})
}

// At the end of Run all are killed, again and again until they end: none waits for a lock for ever, and none goes on
// before it has got it from a holder that still will release it.
func TestConditionEndsWithItsHub(t *testing.T) {
	eachEnding := map[string]struct {
		holder func(c *Condition, order *log) // which holds the lock
		order  string
	}{
		"a holder whose deferred functions wait in vain": {func(c *Condition, order *log) {
			defer c.Release()
			defer order.add("holder")
			defer func() { _ = GetHub().sched.Park(why) }() // only a second kill ends it
			defer func() { _ = GetHub().sched.Park(why) }() // and this one a third
			_ = GetHub().sched.Park(why)
		}, "holder waiter"},
		"a holder that has ended": {func(_ *Condition, order *log) { order.add("holder") }, "holder waiter"},
	}
	for name, ending := range eachEnding {
		for _, l := range []Locker{new(Lock), new(RLock)} {
			t.Run(name, func(t *testing.T) {
				var order log
				require.NoError(t, Run(func() error {
					c := NewCondition(l)
					waiter := Spawn(func() error {
						return c.With(func() error {
							defer order.add("waiter")
							return c.Wait()
						})
					})
					parked(t, waiter)
					Spawn(func() error { _ = c.Acquire(); ending.holder(c, &order); return nil })
					Yield()
					return nil
				}))
				require.Equal(t, ending.order, order.String())
				require.False(t, l.Locked())
			})
		}
	}
}

// A notification that a killed greenlet could not return with goes to the next one.
func TestConditionPassesOnTheNotificationOfTheKilled(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		first, second := Spawn(func() error { return c.With(c.Wait) }), Spawn(func() error { return c.With(c.Wait) })
		parked(t, first, second)
		c.holding(func() {
			c.Notify(1)
			parked(t, first, second)
			first.KillAsync()
		})
		require.NoError(t, second.Get())
		require.ErrorIs(t, first.Err(), ErrExit)
		require.False(t, c.Locked())
	})
}

// One of NotifyAll is nothing to those who began to wait after it.
func TestConditionPassesOnNothingOfNotifyAll(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		first := Spawn(func() error { return c.With(c.Wait) })
		parked(t, first)
		var second *Greenlet
		c.holding(func() {
			second = Spawn(func() error { return c.With(c.Wait) }) // has the lock before first
			parked(t, second)
			c.NotifyAll()
			parked(t, first)
			first.KillAsync()
			parked(t, first)
		})
		require.NoError(t, first.Join())
		parked(t, second)
		require.NoError(t, second.Kill())
		require.False(t, c.Locked())
	})
}

// Times that are up while it waits for the lock are told one by one, and keep nobody busy meanwhile.
func TestConditionKeepsTimeoutsForTheNextWaits(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		g := Spawn(func() error {
			first, second := StartTimeout(2*time.Second), StartTimeout(3*time.Second)
			return c.With(func() error {
				require.Equal(t, ErrTimeout, c.WaitTimeout(time.Second))
				require.Equal(t, 10*time.Second, now())
				one, other := Sleep(time.Hour), Sleep(time.Hour)
				require.True(t, first.Is(one) && second.Is(other) || first.Is(other) && second.Is(one))
				return Sleep(time.Second)
			})
		})
		parked(t, g)
		c.holding(func() { require.NoError(t, Sleep(10*time.Second)) })
		require.NoError(t, g.Get())
	})
}
