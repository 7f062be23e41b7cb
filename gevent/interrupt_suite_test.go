package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An interruptible is a call of a primitive, fresh and in a state in which it parks. The test file of each primitive adds
// its own to interruptibles.
type interruptible struct {
	call  func() error                // parks until it is admitted, and then succeeds; gives back what it took
	timed func(d time.Duration) error // the same with a timeout; nil if there is none
	admit func()                      // lets go on the one that has called first, with or before the others
	check func(t *testing.T)          // when all calls are over: nothing was lost or doubled

	// breaks is the error that the other calls get when one is interrupted; nil if they go on waiting, as nearly all do.
	breaks error
}

// interruptibles make the rows, by name; they are called in a greenlet.
var interruptibles = map[string]func() interruptible{}

func addInterruptible(name string, fresh func() interruptible) bool {
	interruptibles[name] = fresh
	return true
}

// An interruption ends a wait before its time.
type interruption struct {
	timed bool // of calls that have a second's time
	end   func(g *Greenlet)
	err   error // with which the greenlet ends then
}

var interruptions = map[string]interruption{
	"kill":         {end: (*Greenlet).KillAsync, err: ErrExit},
	"timeout":      {end: func(*Greenlet) { _ = Sleep(time.Second) }, err: ErrTimeout, timed: true},
	"thrown error": {end: func(g *Greenlet) { throw(g, errMade) }, err: errMade},
	"scope cancel": {end: func(g *Greenlet) { g.hub.sched.Cancel(&g.task, errMade) }, err: errMade},
}

// spawn makes greenlets that call w, which park.
func (i interruption) spawn(t *testing.T, w interruptible, n int) []*Greenlet {
	gs := make([]*Greenlet, n)
	for k := range gs {
		call := w.call
		if i.timed {
			call = func() error { return w.timed(time.Second) }
		}
		gs[k] = Spawn(call)
	}
	parked(t, gs...)
	return gs
}

// eachInterruption runs fn for each pair, in a hub on virtual time.
func eachInterruption(t *testing.T, fn func(t *testing.T, w interruptible, i interruption)) {
	for name, fresh := range interruptibles {
		for how, i := range interruptions {
			t.Run(name+"/"+how, func(t *testing.T) {
				virtual(t, func() error {
					if w := fresh(); !i.timed || w.timed != nil {
						fn(t, w, i)
					} else {
						w.admit()
					}
					return nil
				})
			})
		}
	}
}

// Who is interrupted leaves at once: those that stood before and behind it go on waiting and get what comes.
func TestInterruptedWaitsLeaveNothingBehind(t *testing.T) {
	eachInterruption(t, func(t *testing.T, w interruptible, i interruption) {
		if w.breaks != nil {
			t.Skip("see TestInterruptedWaitsBreakTheOthers")
		}
		first := i.spawn(t, w, 2)
		last := Spawn(w.call)
		parked(t, last)
		i.end(first[1])
		require.ErrorIs(t, first[1].Get(), i.err)
		i.end(first[0])
		require.ErrorIs(t, first[0].Get(), i.err)
		parked(t, last)
		w.admit()
		require.NoError(t, last.Get(), "the one that was left alone")
		w.check(t)
	})
}

// The one exception: who gives up a barrier breaks it.
func TestInterruptedWaitsBreakTheOthers(t *testing.T) {
	eachInterruption(t, func(t *testing.T, w interruptible, i interruption) {
		if w.breaks == nil {
			t.Skip("see TestInterruptedWaitsLeaveNothingBehind")
		}
		other, victim := Spawn(w.call), i.spawn(t, w, 1)[0]
		parked(t, other)
		i.end(victim)
		require.ErrorIs(t, victim.Get(), i.err)
		require.ErrorIs(t, other.Get(), w.breaks)
		w.check(t)
	})
}

// What comes in the same moment, after the interruption, goes to the next.
func TestInterruptedWaitsTakeNothingWithThem(t *testing.T) {
	eachInterruption(t, func(t *testing.T, w interruptible, i interruption) {
		if w.breaks != nil || i.timed {
			t.Skip("no others, or not at one moment")
		}
		gs := i.spawn(t, w, 2)
		i.end(gs[0])
		w.admit()
		require.NoError(t, gs[1].Get())
		require.ErrorIs(t, gs[0].Get(), i.err)
		w.check(t)
	})
}

// A wait that was over when the interruption came has succeeded; the next one is interrupted.
func TestInterruptedWaitsThatWereOverHaveSucceeded(t *testing.T) {
	eachInterruption(t, func(t *testing.T, w interruptible, i interruption) {
		if i.timed {
			t.Skip("a timeout is over with its wait")
		}
		succeeded := false
		g := Spawn(func() error {
			if err := w.call(); err != nil {
				return err
			}
			succeeded = true
			return Sleep(time.Hour)
		})
		parked(t, g)
		w.admit()
		i.end(g)
		require.ErrorIs(t, g.Get(), i.err)
		require.True(t, succeeded)
		w.check(t)
	})
}

// Whoever makes a parked greenlet ready without giving it what it waits for has not ended its wait.
func TestInterruptedWaitsByStrayReadyGoOn(t *testing.T) {
	eachInterruption(t, func(t *testing.T, w interruptible, i interruption) {
		gs := i.spawn(t, w, 2)
		for range 3 {
			require.True(t, GetHub().sched.Ready(&gs[1].task))
			parked(t, gs...)
		}
		w.admit()
		require.NoError(t, JoinAll(gs...))
		w.check(t)
	})
}
