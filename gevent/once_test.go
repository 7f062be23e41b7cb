package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("Once.Do", func() interruptible {
	var o Once
	var ready Event
	Spawn(func() error { return o.Do(ready.Wait) })
	Yield()
	return interruptible{
		call:  func() error { return o.Do(func() error { panic("again") }) },
		admit: func() { ready.Set(); Yield() },
		check: func(t *testing.T) { require.True(t, o.Done()) },
	}
})

func TestOnceRunsOnceAndOthersWait(t *testing.T) {
	virtual(t, func() error {
		var o Once
		var l log
		do := func() error {
			return o.Do(func() error {
				l.add("runs")
				defer l.add("ends")
				_ = Sleep(time.Second)
				return errMade
			})
		}
		gs := []*Greenlet{Spawn(do), Spawn(do), Spawn(do)}
		for _, g := range gs {
			require.Equal(t, errMade, g.Get(), "all get the same")
		}
		require.Equal(t, errMade, do(), "later ones as well")
		require.Equal(t, "runs ends", l.String())
		require.Equal(t, time.Second, GetHub().sched.Now())
		return nil
	})
}

// As with sync.Once a panic counts as a run; here those that did not see it are told.
func TestOncePanic(t *testing.T) {
	var r reports
	require.NoError(t, virtualConfig(t, r.config(), func() error {
		var o Once
		first := Spawn(func() error { return o.Do(func() error { Yield(); panic("made") }) })
		second := Spawn(func() error { return o.Do(func() error { panic("again") }) })
		parked(t, second)
		var p *PanicError
		require.ErrorAs(t, first.Get(), &p)
		require.Equal(t, "made", p.Value)
		require.Contains(t, string(p.Stack), "TestOncePanic", "the stack shows the function")
		require.ErrorAs(t, second.Get(), &p)
		require.Equal(t, "made", p.Value)
		require.ErrorAs(t, o.Do(func() error { return nil }), &p)
		return nil
	}))
	require.Len(t, r.errs, 1, "reported once")
}

// A kill says nothing about the work: the next caller does it.
func TestOnceKilledRunnerIsFollowedByTheNext(t *testing.T) {
	virtual(t, func() error {
		var o Once
		var l log
		do := func(name string) *Greenlet {
			return Spawn(func() error {
				return o.Do(func() error { l.add(name); return Sleep(time.Second) })
			})
		}
		first, second, third := do("first"), do("second"), do("third")
		parked(t, first, second, third)
		require.Equal(t, "once, run by task 2", second.task.Why().String())
		require.NoError(t, first.Kill())
		parked(t, second, third)
		require.NoError(t, second.Kill())
		require.NoError(t, third.Get())
		require.True(t, o.Done())
		require.Equal(t, "first second third", l.String())
		return nil
	})
}

// The one that is to follow may be killed, too, before it begins.
func TestOnceKilledFollower(t *testing.T) {
	virtual(t, func() error {
		var o Once
		forever := func() error { return o.Do(func() error { return Sleep(time.Hour) }) }
		first, second := Spawn(forever), Spawn(forever)
		third := Spawn(func() error { return o.Do(func() error { return nil }) })
		parked(t, first, second, third)
		require.NoError(t, KillAll(first, second))
		return third.Get()
	})
}

func TestOnceInsideItselfPanics(t *testing.T) {
	virtual(t, func() error {
		var o Once
		require.Panics(t, func() { _ = o.Do(func() error { return o.Do(func() error { return nil }) }) })
		require.True(t, o.Done())
		return nil
	})
}
