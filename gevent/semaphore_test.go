package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("Semaphore.Acquire", func() interruptible {
	s := NewSemaphore(0)
	release := func(err error) error {
		if err == nil {
			s.Release()
		}
		return err
	}
	return interruptible{
		call:  func() error { return release(s.Acquire()) },
		timed: func(d time.Duration) error { return release(s.AcquireTimeout(d)) },
		admit: s.Release,
		check: func(t *testing.T) { require.Equal(t, 1, s.Value()) },
	}
})

var _ = addInterruptible("Semaphore.Wait", func() interruptible {
	s := NewSemaphore(0)
	return interruptible{
		call: s.Wait, timed: s.WaitTimeout, admit: s.Release,
		check: func(t *testing.T) { require.Equal(t, 1, s.Value()) },
	}
})

func TestSemaphoreCounts(t *testing.T) {
	virtual(t, func() error {
		s := NewSemaphore(2)
		require.True(t, s.Ready())
		require.NoError(t, s.Acquire())
		require.NoError(t, s.AcquireTimeout(0))
		require.Zero(t, s.Value())
		require.False(t, s.Ready())
		require.False(t, s.TryAcquire())
		require.Equal(t, ErrTimeout, s.AcquireTimeout(0))
		before := GetHub().sched.Now()
		require.Equal(t, ErrTimeout, s.AcquireTimeout(time.Second))
		require.Equal(t, time.Second, GetHub().sched.Now()-before)
		s.Release()
		s.Release()
		s.Release()
		require.Equal(t, 3, s.Value(), "more than it began with")
		require.True(t, s.TryAcquire())
		require.Panics(t, func() { NewSemaphore(-1) })
		return nil
	})
}

func TestSemaphoreReleaseByAnotherWakesInOrder(t *testing.T) {
	virtual(t, func() error {
		s := NewSemaphore(0)
		var l log
		gs := inLine(t, &l, 5, s.Acquire)
		s.Release()
		parked(t, gs[1:]...)
		s.ReleaseN(3)
		parked(t, gs[4])
		require.Equal(t, "1 2 3 4", l.String())
		s.ReleaseN(3)
		require.NoError(t, gs[4].Get())
		require.Equal(t, 2, s.Value())
		require.Panics(t, func() { s.ReleaseN(0) })
		return nil
	})
}

// A permit that is released while somebody waits is that one's at once: TryAcquire does not get in between.
func TestSemaphoreHandsOverAtOnce(t *testing.T) {
	virtual(t, func() error {
		s := NewSemaphore(0)
		waiter := Spawn(s.Acquire)
		parked(t, waiter)
		s.Release()
		require.False(t, s.TryAcquire())
		require.Zero(t, s.Value())
		return waiter.Get()
	})
}

// A greenlet that never stops taking and releasing does not keep the permit from those who wait.
func TestSemaphoreIsFair(t *testing.T) {
	virtual(t, func() error {
		s := NewSemaphore(0)
		stop := false
		for range 2 { // a set of waiters that changes all the time
			var again func() error
			again = func() error {
				if err := s.Acquire(); err != nil {
					return err
				}
				s.Release()
				if !stop {
					Spawn(again)
				}
				return nil
			}
			Spawn(again)
		}
		Yield()
		exiting := Spawn(s.Acquire)
		s.Release()
		err := exiting.Get()
		stop = true
		s.Release()
		return err
	})
}

func TestSemaphoreWaitTakesNothing(t *testing.T) {
	virtual(t, func() error {
		s := NewSemaphore(0)
		require.Equal(t, ErrTimeout, s.WaitTimeout(0))
		require.Equal(t, ErrTimeout, s.WaitTimeout(time.Second))
		var l log
		lookers := inLine(t, &l, 2, s.Wait)
		acquirer := Spawn(s.Acquire)
		parked(t, acquirer)
		s.Release()
		parked(t, lookers...)
		require.NoError(t, acquirer.Get(), "who takes one comes first")
		s.Release()
		require.NoError(t, JoinAll(lookers...))
		require.Equal(t, 1, s.Value())
		require.Equal(t, "1 2", l.String())
		return s.Wait()
	})
}

func TestSemaphoreTellsObservers(t *testing.T) {
	virtual(t, func() error {
		s := NewSemaphore(0)
		observed(t, s, s.Release)
		return nil
	})
}

func TestSemaphoreWith(t *testing.T) {
	virtual(t, func() error {
		s := NewSemaphore(1)
		require.Equal(t, errMade, s.With(func() error { require.Zero(t, s.Value()); return errMade }))
		require.Equal(t, 1, s.Value())
		victim := Spawn(func() error { return s.With(func() error { return Sleep(time.Hour) }) })
		parked(t, victim)
		require.NoError(t, victim.Kill())
		require.Equal(t, 1, s.Value())
		return nil
	})
}

func TestBoundedSemaphoreOverReleasePanics(t *testing.T) {
	virtual(t, func() error {
		s := NewBoundedSemaphore(2)
		require.PanicsWithValue(t, "gevent: Semaphore.Release of 1 would bring a BoundedSemaphore from 2 to more than the 2 it "+
			"began with; release each permit once, or use a Semaphore", s.Release)
		require.NoError(t, s.Acquire())
		require.Panics(t, func() { s.ReleaseN(2) })
		require.Equal(t, 1, s.Value(), "it is none the worse")
		s.Release()
		require.Equal(t, 2, s.Value())
		require.Panics(t, func() { NewBoundedSemaphore(-1) })
		require.Panics(t, NewBoundedSemaphore(0).Release)
		return nil
	})
}

// What another thread releases it releases through the hub.
func TestSemaphoreReleasedFromAnotherThreadByPost(t *testing.T) {
	run(t, func() error {
		s := NewSemaphore(1)
		require.NoError(t, s.Acquire())
		h := GetHub()
		defer h.Hold()()
		go h.Post(s.Release)
		return s.Acquire()
	})
}
