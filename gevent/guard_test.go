package gevent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func TestGuardBoundsAndKeepsOrder(t *testing.T) {
	virtual(t, func() error {
		g := NewGuard(2)
		var l log
		most := 0
		var gs []*Greenlet
		for i := range 6 {
			gs = append(gs, Spawn(func() error {
				return g.Do(func() error {
					l.add(fmt.Sprint(i))
					most = max(most, g.Inside())
					return Sleep(time.Second)
				})
			}))
		}
		Yield()
		require.Equal(t, 4, g.Waiting())
		ok, err := g.TryDo(func() error { return nil })
		require.False(t, ok)
		require.NoError(t, err)
		require.ErrorIs(t, g.DoTimeout(0, func() error { return nil }), ErrTimeout)
		require.ErrorIs(t, g.DoTimeout(time.Millisecond, func() error { return nil }), ErrTimeout)
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "0 1 2 3 4 5", l.String())
		require.Equal(t, 2, most)
		require.Equal(t, 2, g.Size())
		require.Zero(t, g.Inside())
		ok, err = g.TryDo(func() error { return errMade })
		require.True(t, ok)
		require.Same(t, errMade, err)
		require.NoError(t, g.DoTimeout(0, func() error { return nil }))
		return nil
	})
}

// However the function ends, the next one comes in; who was let in and then killed passes the place on at its end.
func TestGuardIsGivenBack(t *testing.T) {
	seen := new(reports)
	require.NoError(t, virtualConfig(t, seen.config(), func() error {
		g := NewGuard(1)
		inside := []func() error{
			func() error { return errMade },
			func() error { panic(errMade) },
			func() error { Exit(); return nil },
			func() error { return Sleep(time.Hour) }, // is killed
			func() error { return nil },
		}
		gs := make([]*Greenlet, len(inside))
		for i, fn := range inside {
			gs[i] = Spawn(func() error { return g.Do(fn) })
		}
		_ = Sleep(1)
		require.NoError(t, gs[3].Kill())
		for _, g := range gs {
			_ = g.Join()
		}
		require.NoError(t, gs[4].Err())
		require.Zero(t, g.Inside())
		return nil
	}))
	require.Len(t, seen.errs, 1)
}

// A kill that comes between the turn and its use belongs to the next wait: nothing is lost.
func TestGuardKilledAfterTheTurn(t *testing.T) {
	virtual(t, func() error {
		g := NewGuard(1)
		began := 0
		var second *Greenlet
		first := Spawn(func() error { return g.Do(func() error { return Sleep(1) }) })
		second = Spawn(func() error { return g.Do(func() error { began++; return Sleep(time.Hour) }) })
		third := Spawn(func() error { return g.Do(func() error { began++; return nil }) })
		parked(t, first, second, third)
		first.task.OnDone(second.KillAsync)
		require.NoError(t, third.Get())
		require.Equal(t, 2, began)
		require.ErrorIs(t, second.Err(), ErrExit)
		return nil
	})
}

func TestGuardNamesItsHolders(t *testing.T) {
	virtual(t, func() error {
		g := NewGuard(1)
		holder := Spawn(func() error { return g.Do(func() error { return Sleep(1) }) })
		waiter := Spawn(func() error { return g.Do(func() error { return nil }) })
		parked(t, holder, waiter)
		why := waiter.task.Why()
		require.Equal(t, "guard of size 1", why.String())
		require.Equal(t, []*sched.Task{&holder.task}, why.(interface{ Holders() []*sched.Task }).Holders())
		return waiter.Get()
	})
}

func TestGuardMisuse(t *testing.T) {
	const text = "gevent: NewGuard of size 0; it is how many greenlets may be inside at once"
	require.PanicsWithValue(t, text, func() { NewGuard(0) })
	require.Panics(t, func() { _ = NewGuard(1).Do(func() error { return nil }) })
	var deadlock *DeadlockError
	require.ErrorAs(t, Run(func() error {
		g := NewGuard(1)
		return g.Do(func() error { return g.Do(func() error { return nil }) })
	}), &deadlock)
}

// A toyPool is what a library has that knows nothing of greenlets: with all connections out, it blocks the goroutine.
type toyPool struct{ free chan int }

func (p *toyPool) query() error {
	conn := <-p.free
	defer func() { p.free <- conn }()
	return Sleep(time.Millisecond) // the connection is one of the hub's: it parks
}

func toyProgram(guard *Guard) error {
	p := &toyPool{free: make(chan int, 1)}
	p.free <- 1
	return Run(func() error {
		var gs []*Greenlet
		for range 3 {
			gs = append(gs, Spawn(func() error {
				if guard == nil {
					return p.query()
				}
				return guard.Do(p.query)
			}))
		}
		return JoinAll(gs...)
	})
}

func init() {
	roles["toy pool without guard"] = func() error {
		go tellStop()
		return toyProgram(nil)
	}
	roles["toy pool with guard"] = func() error { return toyProgram(NewGuard(1)) }
}

// tellStop ends the process once the hub's thread blocks in the toy pool, from where nobody can free it.
func tellStop() {
	for buf := make([]byte, 1<<20); ; time.Sleep(time.Millisecond) {
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, "chan receive, locked to thread]") && strings.Contains(stack, "toyPool).query") {
				_, _ = os.Stderr.WriteString("the thread has stopped\n")
				os.Exit(3)
			}
		}
	}
}

// Without a guard the thread stops for good, with one it does not.
func TestGuardKeepsGoLocksFree(t *testing.T) {
	role := func(name string) (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), roleVariable+"="+name)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if _, err := os.Executable(); err != nil || strings.HasSuffix(os.Args[0], ".wasm") {
		t.Skip("no processes here")
	}
	out, err := role("toy pool with guard")
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("no processes here")
	}
	require.NoError(t, err, out)
	out, err = role("toy pool without guard")
	require.Error(t, err)
	require.Contains(t, out, "the thread has stopped")
}

// A sync.Mutex that is held over a wait is never wanted by a second greenlet.
func TestGuardWithMutex(t *testing.T) {
	run(t, func() error {
		g := NewGuard(1)
		var mu sync.Mutex
		var gs []*Greenlet
		for range 50 {
			gs = append(gs, Spawn(func() error {
				return g.Do(func() error {
					require.True(t, mu.TryLock())
					defer mu.Unlock()
					return Sleep(1)
				})
			}))
		}
		return JoinAll(gs...)
	})
}
