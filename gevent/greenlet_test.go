package gevent

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var errMade = errors.New("made up")

func TestSpawnOrder(t *testing.T) {
	run(t, func() error {
		var l log
		spawn := func(name string) *Greenlet {
			return Spawn(func() error { l.add(name); return nil })
		}
		outer := Spawn(func() error {
			l.add("1")
			spawn("1.1")
			spawn("1.2")
			return nil
		})
		last := spawn("2")
		require.Empty(t, l, "a greenlet ran before its spawner waited")
		require.NoError(t, JoinAll(outer, last))
		require.Equal(t, "1 2 1.1 1.2", l.String(), "nested ones go behind those that were spawned before")
		return nil
	})
}

func TestYieldOrder(t *testing.T) {
	for name, yield := range map[string]func(){
		"Yield":     Yield,
		"Sleep(0)":  func() { require.NoError(t, Sleep(0)) },
		"Sleep(-1)": func() { require.NoError(t, Sleep(-1)) },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				var l log
				steps := func(n string) func() error {
					return func() error {
						l.add(n + "A")
						yield()
						l.add(n + "B")
						return nil
					}
				}
				err := JoinAll(Spawn(steps("1")), Spawn(steps("2")))
				require.Equal(t, "1A 2A 1B 2B", l.String())
				return err
			})
		})
	}
}

func TestSleepOrder(t *testing.T) {
	run(t, func() error {
		var l log
		sleeper := func(name string, d time.Duration) *Greenlet {
			return Spawn(func() error { defer l.add(name); return Sleep(d) })
		}
		began := time.Now()
		err := JoinAll(sleeper("3", 9*time.Millisecond), sleeper("1", time.Millisecond), sleeper("2", 5*time.Millisecond))
		require.Equal(t, "1 2 3", l.String())
		require.GreaterOrEqual(t, time.Since(began), 9*time.Millisecond)
		return err
	})
}

func TestSpawnLater(t *testing.T) {
	run(t, func() error {
		var l log
		later := func(name string, d time.Duration) *Greenlet {
			return SpawnLater(d, func() error { l.add(name); return nil })
		}
		never := later("never", time.Hour)
		slow := later("3", 4*time.Millisecond)
		gs := []*Greenlet{later("1", time.Millisecond), later("2", time.Millisecond), slow, later("0", -1)}
		require.Equal(t, 5, GetHub().Stats().Timers)
		require.ErrorIs(t, never.JoinTimeout(0), ErrTimeout)
		require.NoError(t, never.Kill())
		require.ErrorIs(t, never.Get(), ErrExit)
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "0 1 2 3", l.String())
		return nil
	})
}

func TestGetBySeveral(t *testing.T) {
	run(t, func() error {
		var l log
		worker := Spawn(func() error { Yield(); return errMade })
		waiter := func(name string) *Greenlet {
			return Spawn(func() error {
				require.Same(t, errMade, worker.Get())
				l.add(name)
				return nil
			})
		}
		a, b := waiter("a"), waiter("b")
		require.False(t, worker.Ready())
		require.NoError(t, worker.Err(), "it has not ended")
		require.Same(t, errMade, worker.Get())
		require.Same(t, errMade, worker.Get(), "again")
		require.Same(t, errMade, worker.Err())
		require.NoError(t, worker.Join(), "Join's error is that of the wait")
		require.True(t, worker.Ready())
		require.NoError(t, JoinAll(a, b))
		require.Equal(t, "a b", l.String())
		return nil
	})
}

func TestJoinTimeout(t *testing.T) {
	run(t, func() error {
		ran := false
		quick := Spawn(func() error { ran = true; return nil })
		require.NoError(t, quick.JoinTimeout(0), "zero still lets it start")
		require.True(t, ran)

		slow := Spawn(func() error { return Sleep(time.Hour) })
		require.ErrorIs(t, slow.JoinTimeout(0), ErrTimeout)
		require.ErrorIs(t, slow.JoinTimeout(-time.Second), ErrTimeout)
		require.ErrorIs(t, slow.GetTimeout(time.Millisecond), ErrTimeout)
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, slow.JoinTimeout(time.Millisecond), &timeout)
		require.True(t, timeout.Timeout())
		require.NoError(t, slow.Kill())
		require.NoError(t, slow.JoinTimeout(0))
		require.ErrorIs(t, slow.GetTimeout(0), ErrExit)

		failed := Spawn(func() error { return errMade })
		require.Same(t, errMade, failed.GetTimeout(time.Hour))
		return nil
	})
}

// A wait that ends by a throw leaves the awaited one alone.
func TestJoinThrown(t *testing.T) {
	run(t, func() error {
		worker := Spawn(func() error { return Sleep(time.Hour) })
		waits := []func() error{
			worker.Join, worker.Get,
			func() error { return worker.GetTimeout(time.Hour) },
			func() error { return JoinAll(worker) },
			func() error { return Sleep(time.Hour) },
		}
		for _, wait := range waits {
			waiter := Spawn(wait)
			parked(t, waiter)
			throw(waiter, errMade)
			require.Same(t, errMade, waiter.Get())
		}
		require.False(t, worker.Ready())
		return worker.Kill()
	})
}

func TestTypedResult(t *testing.T) {
	run(t, func() error {
		r := Go(func() (int, error) { Yield(); return 42, nil })
		_, err := r.GetTimeout(0)
		require.ErrorIs(t, err, ErrTimeout)
		for range 2 {
			v, err := r.Get()
			require.NoError(t, err)
			require.Equal(t, 42, v)
		}
		both := Go(func() (string, error) { return "half", errMade })
		v, err := both.GetTimeout(time.Hour)
		require.Equal(t, "half", v)
		require.Same(t, errMade, err)

		killed := Go(func() (string, error) { return "late", Sleep(time.Hour) })
		parked(t, &killed.Greenlet)
		require.NoError(t, killed.Kill())
		v, err = killed.Get()
		require.Empty(t, v)
		require.ErrorIs(t, err, ErrExit)
		require.NoError(t, JoinAll(&killed.Greenlet))
		return nil
	})
}

func TestJoinAllErrors(t *testing.T) {
	run(t, func() error {
		other := errors.New("another")
		first := Spawn(func() error { Yield(); return errMade })
		second := Spawn(func() error { return other })
		killed := Spawn(func() error { return Sleep(time.Hour) })
		killed.KillAsync()
		err := JoinAll(first, Spawn(func() error { return nil }), second, killed, second)
		require.Equal(t, "made up\nanother\nanother", err.Error(), "in the order of the arguments")
		require.ErrorIs(t, err, errMade)
		require.NotErrorIs(t, err, ErrExit)
		return JoinAll()
	})
}

func TestPanicIsReportedOnce(t *testing.T) {
	var r reports
	err := runConfig(t, r.config(), func() error {
		g := SpawnNamed("unlucky", func() error { panic(errMade) })
		fine := Spawn(func() error { Yield(); return nil })
		for range 2 {
			var p *PanicError
			require.ErrorAs(t, g.Get(), &p)
			require.Equal(t, errMade, p.Value)
			require.ErrorIs(t, g.Get(), errMade)
			require.Contains(t, string(p.Stack), "TestPanicIsReportedOnce")
		}
		require.NoError(t, fine.Get())
		require.Equal(t, []*Greenlet{g}, r.greenlets)
		require.Equal(t, "unlucky (task 2)", g.String())
		require.Contains(t, r.stacks[0], "TestPanicIsReportedOnce")
		require.ErrorIs(t, JoinAll(fine, g), errMade)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, r.errs, 1)
}

func TestErrorIsNotReported(t *testing.T) {
	var r reports
	require.NoError(t, runConfig(t, r.config(), func() error {
		gs := []*Greenlet{Spawn(func() error { return errMade }), Spawn(func() error { Exit(); return nil })}
		require.ErrorIs(t, JoinAll(gs...), errMade)
		require.ErrorIs(t, gs[1].Get(), ErrExit)
		return nil
	}))
	require.Empty(t, r.errs)
}

// A handler that panics itself is told of that, and does not take the loop down.
func TestOnErrorPanics(t *testing.T) {
	var l log
	c := Config{OnError: func(g *Greenlet, err error, _ []byte) {
		l.add(g.String() + ": " + err.Error())
		if g != nil {
			panic("in the handler")
		}
	}}
	require.NoError(t, runConfig(t, c, func() error {
		require.Error(t, Spawn(func() error { panic("first") }).Get())
		return Spawn(func() error { return nil }).Get()
	}))
	require.Equal(t, "task 2: panic: first no greenlet: panic: in the handler", l.String())
}

func TestNames(t *testing.T) {
	run(t, func() error {
		require.Equal(t, "main", Current().Name())
		require.EqualValues(t, 1, Current().ID())
		g := SpawnNamed("baker", func() error { require.Equal(t, "baker", Current().Name()); return nil })
		require.Equal(t, "baker (task 2)", g.String())
		require.Equal(t, "no greenlet", (*Greenlet)(nil).String())
		require.Equal(t, "task 3", Spawn(func() error { return nil }).String())
		return g.Get()
	})
}

func TestCurrent(t *testing.T) {
	require.Nil(t, GetHub())
	require.Nil(t, Current())
	run(t, func() error {
		var g *Greenlet
		g = Spawn(func() error { require.Same(t, g, Current()); return nil })
		h := GetHub()
		require.NotNil(t, h)
		require.NoError(t, g.Get())
		_, err := await(func() (bool, error) {
			require.Nil(t, GetHub(), "a goroutine is not inside the hub")
			require.Nil(t, Current())
			return true, nil
		})
		return err
	})
	require.Nil(t, GetHub())
}
