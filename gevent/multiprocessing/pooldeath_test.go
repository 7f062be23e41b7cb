//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A poolNote is a task that appends its number to a file and then works a little.
type poolNote struct {
	File string
	N    int
	Work time.Duration
}

var (
	poolNotes = mp.DefineFunc("pool notes", func(t poolNote) (int, error) {
		f, err := os.OpenFile(t.File, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		if _, err := fmt.Fprintln(f, t.N); err != nil {
			return 0, err
		}
		for end := time.Now().Add(t.Work); time.Now().Before(end); {
		}
		return t.N, nil
	})
	poolGoPanic = mp.DefineFunc("pool go panic", func(int) (int, error) {
		debug.SetTraceback("none")
		os.Stderr.Close()
		go panic("in a goroutine of a task")
		return 0, gevent.Sleep(time.Hour)
	})
	poolInitFails = mp.DefineFunc("pool init fails", func(text string) (struct{}, error) {
		return struct{}{}, fmt.Errorf("%s: %w", text, errPoolTest)
	})
	poolInitExits = mp.DefineFunc("pool init exits", func(code int) (struct{}, error) {
		os.Exit(code)
		return struct{}{}, nil
	})
	poolInitSets = mp.DefineFunc("pool init sets", func(n int) (struct{}, error) {
		poolInitSet = n
		return struct{}{}, nil
	})
	poolInitSet int
	poolSetBy   = mp.DefineFunc("pool set by init", func(int) (int, error) { return poolInitSet, nil })
	poolNice    = mp.DefineFunc("pool nice", func(int) (int, error) { return syscall.Getpriority(syscall.PRIO_PROCESS, 0) })
	poolHold    = mp.DefineFunc("pool hold", func(file string) (int, error) {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			return 0, err
		}
		return 0, gevent.Sleep(time.Hour)
	})
)

// PoolCutOff ends the worker's connections, and stays.
var poolCutOff = mp.DefineFunc("pool cut off", func(int) (int, error) {
	for sysfd := 4; sysfd < 64; sysfd++ {
		_ = syscall.Shutdown(sysfd, syscall.SHUT_RDWR) // most are no sockets
	}
	return 0, gevent.Sleep(time.Hour)
})

// A pool that is terminated while a worker ends has nobody left who waits.
func TestPoolTerminatedWhileWorkerEnds(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		require.Equal(t, 4, got[int](t)(poolSquare.Apply(p, 2)))
		w := p.Workers()[0]
		first := poolCutOff.ApplyAsync(p, 1, nil, nil)
		next := poolCutOff.With(mp.MapOptions{Chunk: 5}).MapAsync(p, poolCount(10), nil, nil)
		eventually(t, func() bool { return len(p.Workers()) == 0 })
		require.True(t, w.IsAlive())
		p.Terminate()
		require.ErrorIs(t, val(first.GetTimeout(patience)), mp.ErrTerminated)
		require.ErrorIs(t, val(next.GetTimeout(patience)), mp.ErrTerminated)
		return p.Join()
	})
}

func TestPoolWorkerDies(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		values, err := poolExit.With(mp.MapOptions{Chunk: 10}).Map(p, poolCount(10))
		var died *mp.WorkerDiedError
		require.ErrorAs(t, err, &died)
		require.ErrorIs(t, err, mp.ErrWorkerDied)
		require.Equal(t, 3, died.ExitCode)
		require.NotZero(t, died.PID)
		require.Equal(t, []int{0, 1, 2, 3, 4, 0, 6, 7, 8, 9}, values, "only the call in its hands is lost")

		require.ErrorIs(t, val(poolGoPanic.Apply(p, 1)), mp.ErrWorkerDied)

		file := filepath.Join(t.TempDir(), "begun")
		r := poolHold.ApplyAsync(p, file, nil, nil)
		next := poolSquare.ApplyAsync(p, 3, nil, nil) // may be in the worker's hands, too
		eventually(t, func() bool { _, err := os.Stat(file); return err == nil })
		workers := p.Workers()
		require.Len(t, workers, 1)
		require.NoError(t, workers[0].Kill())
		require.ErrorAs(t, val(r.GetTimeout(patience)), &died)
		require.Equal(t, -int(syscall.SIGKILL), died.ExitCode)
		require.Equal(t, 9, got[int](t)(next.GetTimeout(patience)))
		poolEnd(t, p)
		return nil
	})
}

// Ctrl-C goes to the workers, too: they go on.
func TestPoolWorkerIgnoresInterrupt(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		require.Equal(t, 4, got[int](t)(poolSquare.Apply(p, 2)))
		w := p.Workers()[0]
		require.NoError(t, syscall.Kill(w.PID(), syscall.SIGINT))
		require.Equal(t, 9, got[int](t)(poolSquare.Apply(p, 3)))
		require.Equal(t, []*mp.Process{w}, p.Workers())
		poolEnd(t, p)
		return nil
	})
}

// A worker that cannot be started, here for want of descriptors, is tried again: its seat is not lost, nor a call.
func TestPoolHireFails(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		var limit syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
		few := limit
		few.Cur = 0
		spare := [4]int{} // enough for what is made before the process
		for i := range spare {
			spare[i] = got[int](t)(syscall.Dup(0))
		}
		for range slices.Max(spare[:]) + 1 { // its type is not the same on all systems
			few.Cur++
		}
		for _, sysfd := range spare {
			require.NoError(t, syscall.Close(sysfd))
		}
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few))
		r := poolSquare.ApplyAsync(p, 3, nil, nil)
		for until := time.Now().Add(patience); p.Failures() == 0 && time.Now().Before(until); {
			_ = gevent.Sleep(time.Millisecond)
		}
		failures := p.Failures()
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
		require.Positive(t, failures)
		require.Equal(t, 9, got[int](t)(r.GetTimeout(patience)))
		poolEnd(t, p)
		return nil
	})
}

func TestPoolInitializer(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{Initializer: poolInitSets.Call(7), Name: "Sevens"})
		require.Equal(t, []int{7, 7, 7, 7}, got[[]int](t)(poolSetBy.Map(p, poolCount(4))))
		require.Contains(t, p.Workers()[0].Name(), "Sevens-")
		poolEnd(t, p)
		require.ErrorContains(t, val(mp.NewPool(1, mp.PoolOptions{Initializer: poolTakesBad.Call(poolBad{})})), "cannot send")
		for _, init := range []*mp.Call{poolInitFails.Call("setup"), poolInitExits.Call(4)} {
			p := poolOf(t, 4, mp.PoolOptions{Initializer: init})
			waits := poolSquare.MapAsync(p, poolCount(10), nil, nil)
			require.ErrorIs(t, val(waits.GetTimeout(patience)), mp.ErrPoolBroken)
			_, err := poolSquare.Apply(p, 1)
			require.ErrorIs(t, err, mp.ErrPoolBroken)
			var died *mp.WorkerDiedError
			if errors.As(err, &died) {
				require.Equal(t, 4, died.ExitCode)
			} else {
				require.ErrorIs(t, err, errPoolTest)
				require.ErrorContains(t, err, "setup: registered")
			}
			p.Terminate()
			require.NoError(t, p.Join())
		}
		return nil
	})
}

func TestPoolTasksPerChild(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{TasksPerChild: 2})
		pids := map[int]int{}
		for range 4 {
			pids[got[int](t)(poolPID.Apply(p, struct{}{}))]++
		}
		require.Len(t, pids, 2)
		for _, n := range pids {
			require.Equal(t, 2, n)
		}
		poolEnd(t, p)
		early := poolOf(t, 2, mp.PoolOptions{TasksPerChild: 1})
		r := poolSquare.MapAsync(early, poolCount(4), nil, nil)
		poolEnd(t, early)
		require.Equal(t, poolSquares(4), got[[]int](t)(r.Get()))
		return nil
	})
}

// Whatever it means on a system, workers in the background work, and a pool's parent does not become slower by it.
func TestPoolBackground(t *testing.T) {
	run(t, func() error {
		was, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
		require.NoError(t, err)
		p := poolOf(t, 1, mp.PoolOptions{Background: true})
		require.Equal(t, poolSquares(4), got[[]int](t)(poolSquare.Map(p, poolCount(4))))
		is, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
		require.NoError(t, err)
		require.Equal(t, was, is)
		if policy, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Workers()[0].PID())); err == nil {
			fields := strings.Fields(string(policy[bytes.LastIndexByte(policy, ')')+1:]))
			require.Equal(t, "5", fields[38], "the policy: SCHED_IDLE")
		}
		poolEnd(t, p)
		return nil
	})
}

func TestPoolNice(t *testing.T) {
	run(t, func() error {
		plain, nice := poolOf(t, 1, mp.PoolOptions{}), poolOf(t, 1, mp.PoolOptions{Nice: 3})
		was, is := got[int](t)(poolNice.Apply(plain, 0)), got[int](t)(poolNice.Apply(nice, 0))
		if openFds() > 0 && was > 0 { // Linux: 20 minus the value
			was, is = -was, -is
		}
		require.Equal(t, 3, is-was)
		poolEnd(t, plain)
		poolEnd(t, nice)
		return nil
	})
}

// What was not begun when the caller went is never begun.
func TestPoolWithdraws(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 1, mp.PoolOptions{})
		dir := t.TempDir()
		begun := filepath.Join(dir, "begun")
		holder := gevent.Go(func() (int, error) { return poolHold.Apply(p, begun) })
		eventually(t, func() bool { _, err := os.Stat(begun); return err == nil })
		notes := filepath.Join(dir, "notes")
		require.NoError(t, os.WriteFile(notes, nil, 0o600))
		tasks := slices.Repeat([]poolNote{{File: notes}}, 10)
		calls := []func() error{
			func() error { return val(poolNotes.Apply(p, tasks[0])) },
			func() error { return val(poolNotes.Map(p, slices.Values(tasks))) },
			func() error { return val(poolNotes.ApplyTimeout(p, time.Hour, tasks[0])) },
			func() error {
				for _, err := range poolNotes.IMap(p, slices.Values(tasks)) {
					return err
				}
				return nil
			},
			func() error {
				for _, err := range poolNotes.IMapUnordered(p, slices.Values(tasks)) {
					return err
				}
				return nil
			},
		}
		result := poolHold.ApplyAsync(p, begun, nil, nil)
		calls = append(calls, func() error { return val(result.Get()) }, func() error { return val(result.GetTimeout(time.Hour)) },
			result.Wait, func() error { return result.WaitTimeout(time.Hour) })
		for i, call := range calls {
			g := gevent.Spawn(call)
			require.NoError(t, gevent.Sleep(0))
			require.False(t, g.Ready(), i)
			require.NoError(t, g.Kill(), i)
			g = gevent.Spawn(call)
			require.NoError(t, gevent.Sleep(0))
			g.Throw(errMade)
			require.Equal(t, errMade, g.Get(), i)
			require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, call), gevent.ErrTimeout, i)
		}
		require.NoError(t, p.Workers()[0].Kill())
		require.ErrorIs(t, val(holder.Get()), mp.ErrWorkerDied)
		p.Close()
		for _, join := range []func() error{p.Join, func() error { return p.JoinTimeout(time.Hour) }} {
			require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, join), gevent.ErrTimeout)
			g := gevent.Spawn(join)
			gevent.Yield()
			require.NoError(t, g.Kill())
		}
		p.Terminate()
		require.NoError(t, p.Join())
		require.ErrorIs(t, val(result.Get()), mp.ErrTerminated)
		written, err := os.ReadFile(notes)
		require.NoError(t, err)
		require.Empty(t, string(written))
		return nil
	})
}

// An idle worker takes over what another one has not begun.
func TestPoolSteals(t *testing.T) {
	run(t, func() error {
		p := poolOf(t, 2, mp.PoolOptions{})
		begun := filepath.Join(t.TempDir(), "begun")
		hold := poolHold.ApplyAsync(p, begun, nil, nil)
		eventually(t, func() bool { _, err := os.Stat(begun); return err == nil })
		require.Equal(t, poolSquares(100), got[[]int](t)(poolSquare.With(mp.MapOptions{Chunk: 1}).Map(p, poolCount(100))))
		require.Equal(t, poolSquares(100), got[[]int](t)(poolSquare.With(mp.MapOptions{Chunk: 100}).Map(p, poolCount(100))))
		require.False(t, hold.Ready())
		p.Terminate()
		return p.Join()
	})
}

// Workers are killed at any time. Each task ends once, with its result or with ErrWorkerDied, and is never run twice.
func TestPoolKilledAtRandom(t *testing.T) {
	rounds, tasks, pause := 3, 1200, 15*time.Millisecond
	if raceEnabled {
		rounds, tasks, pause = 3, 600, 150*time.Millisecond
	}
	if os.Getenv("GREENLOOP_TORTURE") != "" {
		rounds *= 50
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	for round := range rounds {
		run(t, func() error {
			p := poolOf(t, 2, mp.PoolOptions{})
			notes := filepath.Join(t.TempDir(), "notes")
			require.NoError(t, os.WriteFile(notes, nil, 0o600))
			i, last := 0, -1
			killer := gevent.Spawn(func() error {
				for {
					if err := gevent.Sleep(time.Duration(random.IntN(int(pause)))); err != nil {
						return err
					}
					if i == last { // a pool of which no worker ever gets as far as to a call is broken
						continue
					}
					last = i
					if w := p.Workers(); len(w) > 0 {
						_ = w[random.IntN(len(w))].Kill()
					}
				}
			})
			outcomes := make([]error, tasks)
			all := func(yield func(poolNote) bool) {
				for i := range tasks {
					if !yield(poolNote{notes, i, time.Duration(random.IntN(int(60 * time.Microsecond)))}) {
						return
					}
				}
			}
			size := []int{1, 10, 0}[round%3]
			for v, err := range poolNotes.With(mp.MapOptions{Chunk: size}).IMap(p, all) {
				if outcomes[i] = err; err == nil {
					require.Equal(t, i, v)
				}
				i++
			}
			require.Equal(t, tasks, i)
			require.NoError(t, killer.Kill())
			poolEnd(t, p)
			written, err := os.ReadFile(notes)
			require.NoError(t, err)
			times := make([]int, tasks)
			for line := range strings.Lines(string(written)) {
				var n int
				_, err := fmt.Sscan(line, &n)
				require.NoError(t, err)
				times[n]++
			}
			for i, n := range times {
				require.LessOrEqual(t, n, 1, "task %d, seed %d", i, seed)
				if outcomes[i] == nil {
					require.Equal(t, 1, n, "task %d, seed %d", i, seed)
				} else {
					require.ErrorIs(t, outcomes[i], mp.ErrWorkerDied, "task %d, seed %d", i, seed)
				}
			}
			return nil
		})
	}
}
