package gevent

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func napper() *Greenlet { return Spawn(func() error { return Sleep(time.Hour) }) }

// stubborn returns a greenlet whose deferred function takes a while.
func stubborn(d time.Duration) *Greenlet {
	return Spawn(func() error {
		defer func() { _ = Sleep(d) }()
		return Sleep(time.Hour)
	})
}

func TestKillWith(t *testing.T) {
	virtual(t, func() error {
		unstarted := Spawn(func() error { t.Error("it ran"); return nil })
		require.NoError(t, unstarted.KillWith(errMade))
		require.Same(t, errMade, unstarted.Get(), "before its start")
		require.Same(t, errMade, unstarted.Get(), "again")

		asleep := napper()
		parked(t, asleep)
		asleep.KillWithAsync(errMade)
		require.NoError(t, asleep.Err(), "it takes effect at its turn")
		require.Same(t, errMade, asleep.Get())
		require.NoError(t, asleep.KillWith(errors.New("too late")), "dead")
		require.NoError(t, asleep.Kill())
		require.Same(t, errMade, asleep.Err())

		self := Spawn(func() error { return Current().KillWith(errMade) })
		require.Same(t, errMade, self.Get(), "oneself")

		later := SpawnLater(time.Hour, func() error { t.Error("it ran"); return nil })
		require.NoError(t, later.KillWith(errMade))
		require.Same(t, errMade, later.Get(), "before its time")

		plain := napper()
		require.NoError(t, plain.KillWith(nil))
		require.ErrorIs(t, plain.Get(), ErrExit)
		return nil
	})
}

// The second kill ends what a deferred function waits for, and its error is the one reported.
func TestKillWithTwice(t *testing.T) {
	virtual(t, func() error {
		second := errors.New("second")
		g := stubborn(time.Hour)
		parked(t, g)
		g.KillWithAsync(errMade)
		parked(t, g)
		require.NoError(t, g.KillWith(second))
		require.Same(t, second, g.Get())

		g = stubborn(time.Hour)
		parked(t, g)
		g.KillWithAsync(errMade)
		parked(t, g)
		require.NoError(t, g.Kill())
		require.Same(t, ErrExit, g.Get(), "the plain one came last")
		return nil
	})
}

// A kill that comes too late for the function to see it does not hide what that returns.
func TestKillWithAfterTheLastWait(t *testing.T) {
	virtual(t, func() error {
		other := errors.New("its own")
		g := Spawn(func() error {
			Yield()
			return other
		})
		spinner := Spawn(func() error { _ = GetHub().sched.Park(sched.Why("turn")); return other })
		parked(t, spinner)
		require.True(t, GetHub().sched.Ready(&spinner.task))
		spinner.KillWithAsync(errMade) // its wait was over
		require.Same(t, other, spinner.Get())
		require.Same(t, other, g.Get())
		return nil
	})
}

// Joining counts a kill with an error of one's own as a failure, unless it says that it is an exit.
func TestKillWithIsAFailure(t *testing.T) {
	virtual(t, func() error {
		a, b := napper(), napper()
		parked(t, a, b)
		a.KillWithAsync(errMade)
		b.KillWithAsync(fmt.Errorf("politely: %w", ErrExit))
		require.Equal(t, "made up", JoinAll(a, b).Error())
		require.Equal(t, "politely: sched: task killed", b.Err().Error())
		return nil
	})
}

func TestKillMainWith(t *testing.T) {
	err := virtualConfig(t, Config{}, func() error {
		Current().KillWithAsync(errMade)
		return nil
	})
	require.Same(t, errMade, err)
}

func TestKillTimeout(t *testing.T) {
	virtual(t, func() error {
		g := stubborn(time.Minute)
		parked(t, g)
		require.ErrorIs(t, g.KillTimeout(0), ErrTimeout)
		require.ErrorIs(t, g.JoinTimeout(time.Second), ErrTimeout)
		require.False(t, g.Ready(), "it goes on cleaning up")
		require.NoError(t, g.Join())
		quick := napper()
		require.NoError(t, quick.KillTimeout(0))
		require.NoError(t, quick.KillTimeout(-1))
		return nil
	})
}

func TestKillAllTimeout(t *testing.T) {
	virtual(t, func() error {
		slow, quick, unstarted := stubborn(time.Minute), napper(), (*Greenlet)(nil)
		parked(t, slow, quick)
		unstarted = Spawn(func() error { t.Error("it ran"); return nil })
		began := GetHub().sched.Now()
		require.ErrorIs(t, KillAllTimeout(time.Second, slow, quick, unstarted), ErrTimeout, "some survive")
		require.Equal(t, time.Second, GetHub().sched.Now()-began)
		require.True(t, quick.Ready() && unstarted.Ready() && !slow.Ready())
		require.NoError(t, slow.Join())
		return KillAllTimeout(0, slow, quick)
	})
}

func TestKillAllWith(t *testing.T) {
	virtual(t, func() error {
		a, unstarted := stubborn(time.Second), (*Greenlet)(nil)
		parked(t, a)
		unstarted = Spawn(func() error { t.Error("it ran"); return nil })
		require.NoError(t, KillAllWith(errMade, a, unstarted))
		require.Same(t, errMade, a.Err())
		require.Same(t, errMade, unstarted.Err())
		return nil
	})
}

func TestThrow(t *testing.T) {
	virtual(t, func() error {
		var l log
		g := Spawn(func() error {
			l.add(fmt.Sprint(Sleep(time.Hour)))
			return Sleep(time.Hour)
		})
		parked(t, g)
		g.Throw(errMade)
		parked(t, g)
		require.Equal(t, "made up", l.String(), "once")
		require.NoError(t, g.Kill())

		linked := false
		unstarted := Spawn(func() error { t.Error("it ran"); return nil })
		unstarted.Link(func(*Greenlet) { linked = true })
		unstarted.Throw(errMade)
		require.Same(t, errMade, unstarted.Get())
		Yield()
		require.True(t, linked)
		require.PanicsWithValue(t, "gevent: Throw of a Greenlet that was never spawned", func() { new(Greenlet).Throw(errMade) })
		return nil
	})
}

// Somebody who makes a sleeping or joining greenlet ready by mistake does not end its wait.
func TestStrayReadyEndsNoSleepOrJoin(t *testing.T) {
	virtual(t, func() error {
		h := GetHub()
		var l log
		asleep := Spawn(func() error { defer l.add("slept"); return Sleep(time.Minute) })
		joiner := Spawn(func() error { defer l.add("joined"); return asleep.Join() })
		several := Spawn(func() error { defer l.add("waited"); _, err := Wait(asleep); return err })
		began := h.sched.Now()
		for range 3 {
			parked(t, asleep, joiner, several)
			for _, g := range []*Greenlet{asleep, joiner, several} {
				require.True(t, h.sched.Ready(&g.task))
			}
			require.NoError(t, Sleep(time.Second))
		}
		require.NoError(t, JoinAll(asleep, joiner, several))
		require.Equal(t, time.Minute, h.sched.Now()-began)
		require.Equal(t, "slept waited joined", l.String())
		return nil
	})
}
