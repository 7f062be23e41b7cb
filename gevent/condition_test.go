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
