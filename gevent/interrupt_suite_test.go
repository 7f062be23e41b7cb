package gevent

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// One suite for all that parks: each call, ended early in each way there is, takes nothing with it and leaves nothing
// behind. The calls are the rows; TestEachCallThatParksIsInTheSuite sees to it that none is missing.

// An interruptible is a call of a primitive, fresh and in a state in which it parks.
type interruptible struct {
	call  func() error                // parks until it is admitted, and then succeeds; gives back what it took
	timed func(d time.Duration) error // the same with a timeout; nil if there is none
	admit func()                      // lets go on the one that has called first, with or before the others
	later bool                        // what admit does ends the wait some time later: it comes from outside, or by steps
	races bool                        // what ends the wait may come before an interruption that was sent before it
	done  func(t *testing.T)          // ends what was made for the calls, when they are over; nil
	check func(t *testing.T)          // after that: nothing was lost or doubled; nil

	close  func() // ends all waits, which return closed, and whatever else there is; nil if there is no such thing
	closed error

	// breaks is the error that the other calls get when one is interrupted; nil if they go on waiting, as nearly all do.
	breaks error
}

// A suiteRow makes interruptibles, in a greenlet.
type suiteRow struct {
	fresh func(t *testing.T) interruptible
	real  bool // needs the system's clock and poller
}

// suite has the rows, by the name of the call; what follows a slash tells several rows of one call apart.
var suite = map[string]suiteRow{}

// addInterruptible adds a row to the suite. The test file of a primitive does so, or interrupt_rows_test.go.
func addInterruptible(name string, fresh func() interruptible) bool {
	return addRow(name, suiteRow{fresh: func(*testing.T) interruptible { return fresh() }})
}

func addRow(name string, r suiteRow) bool {
	if _, twice := suite[name]; twice {
		panic("two rows of the name " + name)
	}
	suite[name] = r
	return true
}

// in runs fn in a hub, with a fresh call of the row.
func (r suiteRow) in(t *testing.T, fn func(w interruptible)) {
	world := virtual
	if r.real {
		world = run
	}
	world(t, func() error {
		fn(r.fresh(t))
		return nil
	})
}

// over settles the call, whose waits are all over, and checks it.
func (w interruptible) over(t *testing.T) {
	if w.done != nil {
		w.done(t)
	}
	settle(t)
	if w.check != nil {
		w.check(t)
	}
}

// An interruption ends a wait before its time.
type interruption struct {
	timed  bool                                 // of calls that have a time limit
	inside func(call func() error) func() error // the call in a scope; nil
	end    func(g *Greenlet, real bool)
	err    error // with which the greenlet ends then
}

var interruptions = map[string]interruption{
	"kill":         {end: func(g *Greenlet, _ bool) { g.KillAsync() }, err: ErrExit},
	"kill with":    {end: func(g *Greenlet, _ bool) { g.KillWithAsync(errMade) }, err: errMade},
	"thrown error": {end: func(g *Greenlet, _ bool) { throw(g, errMade) }, err: errMade},
	"scope cancel": {end: func(g *Greenlet, _ bool) { g.hub.sched.Cancel(&g.task, errMade) }, err: errMade},
	"timeout": {timed: true, err: ErrTimeout, end: func(g *Greenlet, real bool) {
		if real {
			g.hub.sched.SetTimeout(&g.task, 1) // the time is up
			return
		}
		_ = Sleep(time.Hour)
	}},
	"WithTimeout": {
		inside: func(call func() error) func() error {
			return func() error { return WithTimeout(Never, call) } // until strike
		},
		end: func(g *Greenlet, _ bool) { outerScope(g).timeout.strike() },
		err: ErrTimeout,
	},
	"WithContext": {
		inside: func(call func() error) func() error {
			return func() error {
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				canceled := context.WithValue(ctx, cancelKey{}, cancel)
				return WithContext(canceled, call)
			}
		},
		end: func(g *Greenlet, _ bool) {
			s := outerScope(g)
			s.base.Value(cancelKey{}).(context.CancelCauseFunc)(errMade)
			for s.x != nil && s.err == nil { // its news comes on another goroutine
				runtime.Gosched()
				Yield()
			}
		},
		err: errMade,
	},
}

type cancelKey struct{}

// outerScope returns the outermost scope that g has entered.
func outerScope(g *Greenlet) *scope {
	x := lookExtra(&g.task)
	s := x.scope
	for s.parent != &x.root {
		s = s.parent
	}
	return s
}

// applies reports whether the call can be ended so.
func (i interruption) applies(w interruptible) bool { return !i.timed || w.timed != nil }

// around returns fn as it is to be called for the interruption.
func (i interruption) around(fn func() error) func() error {
	if i.inside == nil {
		return fn
	}
	return i.inside(fn)
}

// spawn makes greenlets that call w, which park.
func (i interruption) spawn(t *testing.T, w interruptible, n int) []*Greenlet {
	call := w.call
	if i.timed {
		call = func() error { return w.timed(time.Hour) }
	}
	gs := make([]*Greenlet, n)
	for k := range gs {
		gs[k] = Spawn(i.around(call))
	}
	parked(t, gs...)
	return gs
}

// A suiteCheck is what holds for each row and each interruption to which it applies.
type suiteCheck struct {
	applies func(w interruptible, i interruption) bool
	check   func(t *testing.T, w interruptible, i interruption, real bool)
}

var suiteChecks = map[string]suiteCheck{
	// Who is interrupted leaves at once: those that stood before and behind it go on waiting and get what comes.
	"leaves nothing": {
		applies: func(w interruptible, i interruption) bool { return w.breaks == nil },
		check: func(t *testing.T, w interruptible, i interruption, real bool) {
			first := i.spawn(t, w, 2)
			last := Spawn(w.call)
			parked(t, last)
			i.end(first[1], real)
			require.ErrorIs(t, first[1].Get(), i.err)
			if !i.timed || real {
				parked(t, first[0])
				i.end(first[0], real)
			}
			require.ErrorIs(t, first[0].Get(), i.err)
			parked(t, last)
			w.admit()
			require.NoError(t, last.Get(), "the one that was left alone")
		},
	},
	// The one exception: who gives up a barrier breaks it.
	"breaks the others": {
		applies: func(w interruptible, i interruption) bool { return w.breaks != nil },
		check: func(t *testing.T, w interruptible, i interruption, real bool) {
			other, victim := Spawn(w.call), i.spawn(t, w, 1)[0]
			parked(t, other)
			i.end(victim, real)
			require.ErrorIs(t, victim.Get(), i.err)
			require.ErrorIs(t, other.Get(), w.breaks)
		},
	},
	// What comes in the same moment, after the interruption, goes to the next.
	"takes nothing": {
		applies: func(w interruptible, i interruption) bool { return w.breaks == nil && !w.races && !i.timed },
		check: func(t *testing.T, w interruptible, i interruption, real bool) {
			gs := i.spawn(t, w, 2)
			i.end(gs[0], real)
			w.admit()
			require.NoError(t, gs[1].Get())
			require.ErrorIs(t, gs[0].Get(), i.err)
		},
	},
	// A wait that was over when the interruption came has succeeded; the next one is interrupted.
	"was over": {
		applies: func(w interruptible, i interruption) bool { return !w.later && !i.timed },
		check: func(t *testing.T, w interruptible, i interruption, real bool) {
			succeeded := false
			g := Spawn(i.around(func() error {
				if err := w.call(); err != nil {
					return err
				}
				succeeded = true
				return Sleep(2 * time.Hour)
			}))
			parked(t, g)
			w.admit()
			i.end(g, real)
			require.ErrorIs(t, g.Get(), i.err)
			require.True(t, succeeded)
		},
	},
}

func TestInterruptedWaits(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(suite)) {
		row := suite[name]
		for how, i := range interruptions {
			t.Run(name+"/"+how, func(t *testing.T) {
				for what, c := range suiteChecks {
					row.in(t, func(w interruptible) {
						defer func() {
							if t.Failed() {
								t.Logf("in the check %q", what)
							}
						}()
						if i.applies(w) && c.applies(w, i) {
							c.check(t, w, i, row.real)
						} else { // nothing happens to it
							g := Spawn(w.call)
							parked(t, g)
							w.admit()
							require.NoError(t, g.Get())
						}
						w.over(t)
					})
				}
			})
		}
	}
}

// Whoever makes a parked greenlet ready without giving it what it waits for has not ended its wait.
func TestInterruptedWaitsByStrayReadyGoOn(t *testing.T) {
	for name, row := range suite {
		t.Run(name, func(t *testing.T) {
			row.in(t, func(w interruptible) {
				gs := []*Greenlet{Spawn(w.call), Spawn(w.call)}
				parked(t, gs...)
				for range 3 {
					require.True(t, GetHub().sched.Ready(&gs[1].task))
					parked(t, gs...)
				}
				w.admit()
				require.NoError(t, JoinAll(gs...))
				w.over(t)
			})
		})
	}
}

// What is closed, shut down or given up ends all waits at it.
func TestInterruptedWaitsByClosing(t *testing.T) {
	for name, row := range suite {
		t.Run(name, func(t *testing.T) {
			row.in(t, func(w interruptible) {
				gs := []*Greenlet{Spawn(w.call), Spawn(w.call), Spawn(w.call)}
				parked(t, gs...)
				if w.close == nil {
					w.admit()
					require.NoError(t, JoinAll(gs...))
					w.over(t)
					return
				}
				w.close()
				for _, g := range gs {
					require.ErrorIs(t, g.Get(), w.closed)
				}
				settle(t)
			})
		})
	}
}
