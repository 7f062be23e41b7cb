package gevent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

var _ = addInterruptible("Lock.Acquire", func() interruptible { return interruptibleLock(new(Lock)) })
var _ = addInterruptible("RLock.Acquire", func() interruptible { return interruptibleLock(new(RLock)) })

// interruptibleLock is the row of l, which the caller holds.
func interruptibleLock(l Locker) interruptible {
	_ = l.Acquire()
	release := func(err error) error {
		if err == nil {
			l.Release()
		}
		return err
	}
	return interruptible{
		call:  func() error { return release(l.Acquire()) },
		timed: func(d time.Duration) error { return release(l.AcquireTimeout(d)) },
		admit: l.Release,
		check: func(t *testing.T) {
			require.False(t, l.Locked())
			require.True(t, l.TryAcquire())
			l.Release()
		},
	}
}

// eachLock runs fn for the two of them.
func eachLock(t *testing.T, fn func(t *testing.T, l Locker)) {
	for name, fresh := range map[string]func() Locker{
		"Lock":  func() Locker { return new(Lock) },
		"RLock": func() Locker { return new(RLock) },
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error { fn(t, fresh()); return nil })
		})
	}
}

func TestLockIsHandedOverInOrder(t *testing.T) {
	eachLock(t, func(t *testing.T, l Locker) {
		var order log
		work := func(name string) *Greenlet {
			return Spawn(func() error {
				for i := range 2 {
					if err := l.Acquire(); err != nil {
						return err
					}
					order.add(fmt.Sprint(name, i))
					Yield() // the lock is held over it
					l.Release()
				}
				return nil
			})
		}
		require.NoError(t, JoinAll(work("a"), work("b"), work("c")))
		require.Equal(t, "a0 b0 c0 a1 b1 c1", order.String())
	})
}

// What is handed over nobody else gets, not even who has just released it: so nobody starves.
func TestLockLetsNobodyInBetween(t *testing.T) {
	eachLock(t, func(t *testing.T, l Locker) {
		require.NoError(t, l.Acquire())
		got := false
		waiter := Spawn(func() error {
			return l.With(func() error { got = true; return nil })
		})
		parked(t, waiter)
		l.Release()
		require.True(t, l.Locked())
		require.False(t, l.TryAcquire())
		require.NoError(t, l.Acquire(), "behind the waiter")
		require.True(t, got)
		l.Release()
		require.False(t, l.Locked())
		require.NoError(t, waiter.Get())
	})
}

func TestLockTryAcquire(t *testing.T) {
	eachLock(t, func(t *testing.T, l Locker) {
		require.True(t, l.TryAcquire())
		require.True(t, l.Locked())
		other := Go(func() (bool, error) { return l.TryAcquire(), nil })
		got, err := other.Get()
		require.NoError(t, err)
		require.False(t, got)
		l.Release()
		require.False(t, l.Locked())
	})
}

// Who spins on a failing TryAcquire lets the holder get on.
func TestLockSpinningMakesProgress(t *testing.T) {
	eachLock(t, func(t *testing.T, l Locker) {
		holder := Spawn(func() error {
			return l.With(func() error { Yield(); Yield(); return nil })
		})
		Yield()
		for !l.TryAcquire() {
		}
		l.Release()
		require.NoError(t, holder.Get())
	})
}

func TestLockAcquireTimeout(t *testing.T) {
	eachLock(t, func(t *testing.T, l Locker) {
		require.NoError(t, l.AcquireTimeout(0), "a free one")
		waiter := Spawn(func() error {
			for _, d := range []time.Duration{-1, 0, time.Second} {
				before := GetHub().sched.Now()
				require.Equal(t, ErrTimeout, l.AcquireTimeout(d))
				require.Equal(t, max(d, 0), GetHub().sched.Now()-before)
			}
			return nil
		})
		require.NoError(t, waiter.Get())
		require.True(t, l.Locked(), "as it was")
		late := Spawn(func() error {
			if err := l.AcquireTimeout(time.Minute); err != nil {
				return err
			}
			l.Release()
			return nil
		})
		parked(t, late)
		l.Release()
		require.NoError(t, late.Get())
		require.False(t, l.Locked())
	})
}

func TestLockReleaseOfAFreeOnePanics(t *testing.T) {
	eachLock(t, func(t *testing.T, l Locker) {
		require.Panics(t, l.Release)
		require.NoError(t, l.Acquire())
		l.Release()
		require.Panics(t, l.Release)
		require.NoError(t, l.Acquire(), "it is none the worse")
		l.Release()
	})
}

func TestLockWithReleasesAlways(t *testing.T) {
	eachLock(t, func(t *testing.T, l Locker) {
		require.Equal(t, errMade, l.With(func() error { require.True(t, l.Locked()); return errMade }))
		require.False(t, l.Locked())
		require.Panics(t, func() { _ = l.With(func() error { panic("made") }) })
		require.False(t, l.Locked())
		victim := Spawn(func() error { return l.With(func() error { return Sleep(time.Hour) }) })
		parked(t, victim)
		require.True(t, l.Locked())
		require.NoError(t, victim.Kill())
		require.False(t, l.Locked())
	})
}

func TestLockMayBeReleasedByAnother(t *testing.T) {
	virtual(t, func() error {
		var l Lock
		require.NoError(t, l.Acquire())
		require.NoError(t, Spawn(func() error { l.Release(); return nil }).Get())
		require.False(t, l.Locked())
		require.NoError(t, l.Acquire())
		again := Spawn(func() error { return Sleep(time.Second) }) // acquired twice, it waits for another's release
		Spawn(func() error { l.Release(); return nil })
		require.NoError(t, l.Acquire())
		l.Release()
		return again.Get()
	})
}

// The reports say who holds what others wait for.
func TestLockWaitNamesTheHolder(t *testing.T) {
	err := virtualConfig(t, Config{}, func() error {
		var l Lock
		holder := SpawnNamed("baker", func() error { return l.With(func() error { return Sleep(time.Hour) }) })
		waiter := SpawnNamed("eater", l.Acquire)
		parked(t, holder, waiter)
		why := waiter.task.Why()
		require.Equal(t, "lock held by baker (task 2)", why.String())
		require.Equal(t, []*sched.Task{&holder.task}, why.(interface{ Holders() []*sched.Task }).Holders())
		return KillAll(holder, waiter)
	})
	require.NoError(t, err)
}

func TestLockAcquiredTwiceIsADeadlockThatSaysSo(t *testing.T) {
	var l Lock
	err := virtualConfig(t, Config{}, func() error {
		_ = l.Acquire()
		return l.Acquire()
	})
	var dead *DeadlockError
	require.ErrorAs(t, err, &dead)
	require.Contains(t, dead.Error(), "lock held by main (task 1)")
}
