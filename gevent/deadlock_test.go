package gevent

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// What would block for ever comes back as the error of Run, names the cycle, and the hub's thread can be used again.
func TestDeadlockNamesTheCycleAndRunCanBeCalledAgain(t *testing.T) {
	for range 3 {
		cleaned := ""
		err := Run(func() error {
			defer func() { cleaned += "main" }()
			main := Current()
			a := SpawnNamed("a", func() error { defer func() { cleaned += "a " }(); return main.Join() })
			b := SpawnNamed("b", func() error { return a.Join() })
			SpawnNamed("bystander", func() error { return b.Join() })
			return b.Join()
		})
		var dead *DeadlockError
		require.ErrorAs(t, err, &dead)
		require.Equal(t, [][]uint64{{1, 3, 2}}, dead.Cycles)
		require.ErrorContains(t, err, "\n\tcycle: main (task 1) → b (task 3) → a (task 2) → main (task 1)\n")
		require.Equal(t, "a main", cleaned)
		run(t, func() error { return Sleep(1) })
	}
}

// Who outside may still wake somebody counts as work: no false alarm.
func TestNoDeadlockWhileAGoroutineMayWake(t *testing.T) {
	run(t, func() error {
		hub := GetHub().sched
		got, err := await(func() (string, error) {
			for waiting := false; !waiting; _, waiting = hub.Pulse() { // until all greenlets wait, and so does the loop
				runtime.Gosched()
			}
			return "came", nil
		})
		require.Equal(t, "came", got)
		return err
	})
}

// Greenlets that wait for ever beside a program that goes on are found by who looks.
func TestGraphFindsGreenletsThatWaitForEver(t *testing.T) {
	run(t, func() error {
		var a, b *Greenlet
		a = SpawnNamed("a", func() error { return b.Join() })
		b = SpawnNamed("b", func() error { return a.Join() })
		parked(t, a, b)
		require.Equal(t, [][]uint64{{2, 3}}, GetHub().Graph().Cycles)
		return KillAll(a, b)
	})
}

// A call that would wait, made by a function of the loop, is refused and reported; nothing hangs.
func TestWaitingInTheLoopIsRefused(t *testing.T) {
	var r reports
	c := r.config()
	c.Hooks = &sched.Hooks{Parked: func(*sched.Task) {
		if len(r.errs) == 0 {
			_ = Sleep(time.Second)
		}
	}}
	require.NoError(t, runConfig(t, c, func() error {
		timer := sched.NewTimer(func() { _ = offloadNothing() })
		GetHub().sched.StartTimer(timer, 0)
		return Sleep(time.Millisecond)
	}))
	require.Len(t, r.errs, 2)
	for i := range r.errs {
		require.Nil(t, r.greenlets[i])
		require.ErrorContains(t, r.errs[i], "called outside a task: the host, a timer function or a hook cannot wait")
	}
}

func offloadNothing() error {
	_, err := await(func() (bool, error) { return true, nil })
	return err
}

// An error that ends the loop's function, or one in OnError itself, leaves the others alone.
func TestAnErrorInOnErrorDoesNotEndTheLoop(t *testing.T) {
	calls := 0
	c := Config{OnError: func(*Greenlet, error, []byte) {
		if calls++; calls == 1 {
			panic("the handler's own")
		}
	}}
	survived := false
	require.NoError(t, runConfig(t, c, func() error {
		Spawn(func() error { panic("first") })
		g := Spawn(func() error { err := Sleep(time.Millisecond); survived = true; return err })
		return g.Join()
	}))
	require.True(t, survived)
	require.Equal(t, 2, calls, "the panic, and the handler's")
}

// What is not an error is not told: a kill, and an end by Exit.
func TestAKillIsNoErrorForOnError(t *testing.T) {
	var r reports
	require.NoError(t, runConfig(t, r.config(), func() error {
		killed := Spawn(func() error { return Sleep(time.Hour) })
		exits := Spawn(func() error { Exit(); return nil })
		goexits := Spawn(func() error { runtime.Goexit(); return nil })
		parked(t, killed)
		require.NoError(t, killed.Kill())
		require.NoError(t, exits.Join())
		return goexits.Join()
	}))
	require.Empty(t, r.errs)
}
