package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("Condition.Wait/Lock", func() interruptible { return interruptibleCondition(new(Lock)) })
var _ = addInterruptible("Condition.Wait/RLock", func() interruptible { return interruptibleCondition(nil) })

func interruptibleCondition(l Locker) interruptible {
	c := NewCondition(l)
	return interruptible{
		call:  func() error { return c.With(c.Wait) },
		timed: func(d time.Duration) error { return c.With(func() error { return c.WaitTimeout(d) }) },
		admit: func() { _ = c.With(func() error { c.NotifyAll(); return nil }) },
		check: func(t *testing.T) {
			require.False(t, c.Locked())
			require.Zero(t, c.waiters.given)
		},
	}
}

// eachCondition runs fn for a Condition on either lock, on virtual time.
func eachCondition(t *testing.T, fn func(t *testing.T, c *Condition)) {
	eachLock(t, func(t *testing.T, l Locker) { fn(t, NewCondition(l)) })
}

// holding calls fn holding the lock.
func (c *Condition) holding(fn func()) {
	_ = c.With(func() error { fn(); return nil })
}

func TestConditionNotify(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		var l log
		gs := make([]*Greenlet, 6)
		for i := range gs {
			gs[i] = Spawn(func() error {
				return c.With(func() error {
					err := c.Wait()
					l.add(fmt.Sprint(i + 1))
					return err
				})
			})
		}
		parked(t, gs...)
		c.holding(func() {
			c.Notify(1)
			Yield()
			require.Empty(t, l, "not before the notifier has released the lock")
		})
		Yield()
		require.Equal(t, "1", l.String())
		c.holding(func() { c.Notify(2) })
		parked(t, gs[3:]...)
		require.Equal(t, "1 2 3", l.String())
		c.holding(c.NotifyAll)
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "1 2 3 4 5 6", l.String())
		c.holding(func() { c.Notify(7); c.NotifyAll() })
		require.False(t, c.Locked())
	})
}

func TestConditionWithoutTheLockPanics(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		pred := func() bool { return true }
		calls := []func(){
			func() { _ = c.Wait() }, func() { _ = c.WaitTimeout(1) }, func() { _ = c.WaitFor(pred) },
			func() { _ = c.WaitForTimeout(1, pred) }, func() { c.Notify(1) }, c.NotifyAll,
		}
		for _, call := range calls {
			require.Panics(t, call, "free")
		}
		other := Spawn(func() error { return c.With(func() error { return Sleep(time.Second) }) })
		parked(t, other)
		for _, call := range calls {
			require.Panics(t, call, "another one's")
		}
		require.NoError(t, other.Get())
		c.holding(func() { require.Panics(t, func() { c.Notify(0) }) })
	})
}

func TestConditionWaitTimeout(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		for _, d := range []time.Duration{-1, 0, time.Second} {
			c.holding(func() {
				before := GetHub().sched.Now()
				free := false
				Spawn(func() error { free = c.TryAcquire(); c.Release(); return nil })
				require.Equal(t, ErrTimeout, c.WaitTimeout(d))
				require.Equal(t, max(d, 0), GetHub().sched.Now()-before)
				require.True(t, free, "the lock was released meanwhile")
				require.True(t, c.held(GetHub()), "and is held again")
			})
		}
	})
}

func TestConditionWaitFor(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		state := 0
		waiter := Spawn(func() error {
			return c.With(func() error {
				err := c.WaitFor(func() bool { require.True(t, c.held(GetHub())); return state == 4 })
				require.Equal(t, 4, state)
				return err
			})
		})
		for range 4 {
			parked(t, waiter)
			c.holding(func() { state = min(state+1, 4); c.Notify(1) })
		}
		require.NoError(t, waiter.Get())
	})
}

func TestConditionWaitForTimeout(t *testing.T) {
	eachCondition(t, func(t *testing.T, c *Condition) {
		false := func() bool { return false }
		c.holding(func() {
			before := GetHub().sched.Now()
			Spawn(func() error {
				for range 3 {
					_ = Sleep(300 * time.Millisecond)
					c.holding(c.NotifyAll)
				}
				return nil
			})
			require.Equal(t, ErrTimeout, c.WaitForTimeout(time.Second, false))
			require.Equal(t, time.Second, GetHub().sched.Now()-before, "in all, not from each notification")
			require.Equal(t, ErrTimeout, c.WaitForTimeout(0, false))
			now := GetHub().sched.Now()
			late := func() bool { return GetHub().sched.Now() >= now+time.Second }
			require.NoError(t, c.WaitForTimeout(time.Second, late), "it is asked once more at the end")
			changed := 0
			Spawn(func() error { changed++; return nil })
			require.NoError(t, c.WaitForTimeout(0, func() bool { return changed == 1 }), "one chance")
		})
	})
}

// An RLock that was acquired three times is free while its owner waits, and then acquired three times again.
func TestConditionRestoresTheDepthOfAnRLock(t *testing.T) {
	virtual(t, func() error {
		c := NewCondition(nil)
		l := c.Locker.(*RLock)
		waiter := Spawn(func() error {
			for range 3 {
				require.NoError(t, c.Acquire())
			}
			require.NoError(t, c.Wait())
			require.Equal(t, 3, l.depth)
			for range 3 {
				c.Release()
			}
			return nil
		})
		parked(t, waiter)
		require.False(t, c.Locked())
		c.holding(c.NotifyAll)
		return waiter.Get()
	})
}

// whileHeld parks a greenlet on c, ends its wait with end, and keeps the lock from it meanwhile. hold calls during before it
// releases the lock. What the greenlet finds when it goes on, in a deferred function, is told to after.
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

// At the end of Run all are killed, again and again until they end: none waits for a lock for ever, and none goes on before it
// has got it from a holder that still will release it.
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

// A notification that a killed greenlet could not return with goes to the next one; one of NotifyAll does not.
func TestConditionPassesOnTheNotificationOfTheKilled(t *testing.T) {
	for _, all := range []bool{false, true} {
		eachCondition(t, func(t *testing.T, c *Condition) {
			first, second := Spawn(func() error { return c.With(c.Wait) }), Spawn(func() error { return c.With(c.Wait) })
			parked(t, first)
			if all {
				require.NoError(t, second.Kill())
			}
			c.holding(func() {
				if all {
					c.NotifyAll()
				} else {
					c.Notify(1)
				}
				parked(t, first)
				first.KillAsync()
			})
			if all {
				second = Spawn(func() error { return c.With(c.Wait) })
			}
			require.NoError(t, first.Join())
			if all {
				parked(t, second)
				second.KillAsync()
			}
			require.NoError(t, second.Join())
			require.Equal(t, all, second.Err() != nil)
			require.False(t, c.Locked())
		})
	}
}
