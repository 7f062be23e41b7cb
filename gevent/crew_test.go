package gevent

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A gate is a blocking function that tests open one by one.
type gate struct {
	open             chan struct{}
	begun, now, most atomic.Int32
}

func newGate() *gate { return &gate{open: make(chan struct{})} }

func (g *gate) pass(context.Context) (int, error) {
	n := g.begun.Add(1)
	now := g.now.Add(1)
	for {
		most := g.most.Load()
		if now <= most || g.most.CompareAndSwap(most, now) {
			break
		}
	}
	defer g.now.Add(-1)
	<-g.open
	return int(n), nil
}

// until waits until cond, which other goroutines bring about, without blocking the hub.
func until(t *testing.T, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !cond(); {
		require.True(t, time.Now().Before(deadline), "it did not come about")
		_ = Sleep(time.Microsecond)
	}
}

func offloadMaxed(t *testing.T, n int, main func() error) {
	require.NoError(t, runConfig(t, Config{OffloadMax: n}, main))
}

// No more functions run than the pool allows, be it ever so many that wait; each gets its turn, in order.
func TestOffloadIsBounded(t *testing.T) {
	offloadMaxed(t, 3, func() error {
		g := newGate()
		var l log
		var gs []*Greenlet
		for i := range 10 {
			gs = append(gs, Spawn(func() error {
				_, err := OffloadContext(g.pass, nil)
				l.add(fmt.Sprint(i))
				return err
			}))
		}
		parked(t, gs...)
		until(t, func() bool { return g.begun.Load() == 3 })
		running, queued := GetHub().ThreadPool().Count()
		require.Equal(t, []int{3, 7}, []int{running, queued})
		for i := range 10 {
			inGoroutine(t, func() { g.open <- struct{}{} })
			until(t, func() bool { return len(l) == i+1 })
		}
		require.NoError(t, JoinAll(gs...))
		require.EqualValues(t, 3, g.most.Load())
		return nil
	})
}

func TestOffloadTurnsAreFIFO(t *testing.T) {
	offloadMaxed(t, 1, func() error {
		var order []int // by one goroutine at a time
		var gs []*Greenlet
		for i := range 20 {
			gs = append(gs, Spawn(func() error {
				_, err := Offload(func() (int, error) { order = append(order, i); return 0, nil })
				return err
			}))
		}
		require.NoError(t, JoinAll(gs...))
		require.True(t, slices.IsSorted(order))
		require.Len(t, order, 20)
		return nil
	})
}

// A greenlet whose wait is ended while its function waits for its turn: the function never runs. While it runs: its context
// ends, with the cause, the result is undone, and the place is free only at its real end.
func TestOffloadEndedEarly(t *testing.T) {
	for name, end := range ends {
		t.Run("queued/"+name, func(t *testing.T) {
			offloadMaxed(t, 1, func() error {
				blocker := newGate()
				first := Spawn(func() error { _, err := OffloadContext(blocker.pass, nil); return err })
				var err error
				g := Spawn(func() error {
					_, err = Offload(func() (int, error) { t.Error("it ran"); return 0, nil })
					return nil
				})
				parked(t, first, g)
				require.Equal(t, end(t, g), err)
				_, queued := GetHub().ThreadPool().Count()
				require.Zero(t, queued)
				close(blocker.open)
				require.NoError(t, first.Get())
				_, err = Offload(func() (int, error) { return 0, nil })
				return err
			})
		})
		t.Run("running/"+name, func(t *testing.T) {
			offloadMaxed(t, 1, func() error {
				begun, release := make(chan struct{}), make(chan struct{})
				cause, undone := make(chan error, 1), make(chan int, 1)
				var err error
				g := Spawn(func() error {
					_, err = OffloadContext(func(ctx context.Context) (int, error) {
						close(begun)
						<-ctx.Done()
						cause <- context.Cause(ctx)
						<-release
						return 42, nil
					}, func(v int) { undone <- v })
					return nil
				})
				awaitDone(t, begun)
				want := end(t, g)
				require.Equal(t, want, err)
				got := <-cause
				if want == nil {
					want = ErrExit
				}
				require.ErrorIs(t, got, want)
				pool := GetHub().ThreadPool()
				running, _ := pool.Count()
				require.Equal(t, 1, running, "it has not ended")
				require.ErrorIs(t, pool.JoinTimeout(1), ErrTimeout)
				close(release)
				require.NoError(t, pool.Join())
				v, err := await(func() (int, error) { return <-undone, nil })
				require.Equal(t, 42, v)
				return err
			})
		})
	}
}

func TestOffloadTimeout(t *testing.T) {
	run(t, func() error {
		_, err := OffloadTimeout(0, func() (int, error) { t.Error("it ran"); return 0, nil })
		require.ErrorIs(t, err, ErrTimeout)
		g := newGate()
		_, err = OffloadTimeout(time.Millisecond, func() (int, error) { return g.pass(context.Background()) })
		require.ErrorIs(t, err, ErrTimeout)
		close(g.open)
		require.NoError(t, GetHub().ThreadPool().Join())
		v, err := OffloadTimeout(patience, func() (int, error) { return 42, nil })
		require.Equal(t, 42, v)
		return err
	})
}

// The pool is there to be used up by what is slow: look-ups and Await have their own way.
func TestOffloadFullPoolStopsNothingElse(t *testing.T) {
	offloadMaxed(t, 1, func() error {
		g := newGate()
		slow := Spawn(func() error { _, err := OffloadContext(g.pass, nil); return err })
		parked(t, slow)
		v, err := Await(func(context.Context) (int, error) { return 42, nil })
		require.NoError(t, err)
		require.Equal(t, 42, v)
		_, err = resolve(GetHub(), "tcp", "localhost:80", GetHub().sched.After(patience))
		require.NoError(t, err)
		v, err = ThreadApply(NewThreadPool(1), func(context.Context) (int, error) { return 43, nil })
		require.Equal(t, 43, v)
		close(g.open)
		return errors.Join(err, slow.Get())
	})
}

// Run does not wait for a function that still blocks: its context has ended, its result is dropped.
func TestOffloadRunDoesNotWait(t *testing.T) {
	release, ended := make(chan struct{}), make(chan error)
	require.NoError(t, Run(func() error {
		g := Spawn(func() error {
			_, err := OffloadContext(func(ctx context.Context) (int, error) {
				<-release
				go func() { ended <- context.Cause(ctx) }()
				return 0, nil
			}, nil)
			return err
		})
		parked(t, g)
		return nil
	}))
	close(release)
	require.ErrorIs(t, <-ended, ErrExit)
	noGoroutines(t)
}

// A hub function that is called in an offloaded one says what is wrong.
func TestOffloadedFunctionIsOutsideTheHub(t *testing.T) {
	run(t, func() error {
		pool := NewThreadPool(1)
		for name, call := range map[string]func(){
			"Spawn":       func() { Spawn(func() error { return nil }) },
			"Sleep":       func() { _ = Sleep(1) },
			"Offload":     func() { _, _ = Offload(func() (int, error) { return 0, nil }) },
			"ThreadSpawn": func() { _, _ = ThreadSpawn(pool, func(context.Context) (int, error) { return 0, nil }) },
		} {
			_, err := Offload(func() (int, error) { call(); return 0, nil })
			var p *PanicError
			require.ErrorAs(t, err, &p, name)
			require.Contains(t, fmt.Sprint(p.Value), "gevent: "+name+" ")
			require.Contains(t, fmt.Sprint(p.Value), "Hub.Post")
		}
		h := GetHub()
		posted := false
		_, err := Offload(func() (bool, error) { return h.Post(func() { posted = true }), nil })
		until(t, func() bool { return posted })
		return err
	})
}

// An offload after the other, and many at once, leave neither goroutine nor descriptor; run looks.
func TestOffloadTenThousandLeaveNothing(t *testing.T) {
	run(t, func() error {
		n, sum := 10_000, 0
		if testing.Short() {
			n = 1000
		}
		var gs []*Greenlet
		for range n {
			gs = append(gs, Spawn(func() error {
				v, err := Offload(func() (int, error) { return 1, nil })
				sum += v
				return err
			}))
		}
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, n, sum)
		return nil
	})
}

// What the function holds and what it returned are kept alive by nobody, once the greenlet has the result.
func TestOffloadKeepsNothingAlive(t *testing.T) {
	run(t, func() error {
		gone := make(chan struct{}, 2)
		keep := func() *[1 << 20]byte {
			b := new([1 << 20]byte)
			runtime.AddCleanup(b, func(int) { gone <- struct{}{} }, 0)
			return b
		}
		func() {
			arg := keep()
			v, err := Offload(func() (*[1 << 20]byte, error) { arg[0] = 1; return keep(), nil })
			require.NoError(t, err)
			require.NotNil(t, v)
		}()
		for range 2 {
			limit := time.Now().Add(patience)
			for err := ErrTimeout; err != nil; { // the goroutine may not be quite over
				require.True(t, time.Now().Before(limit), "it is kept alive")
				runtime.GC()
				_, _, err = RecvTimeout(gone, 10*time.Millisecond)
			}
		}
		return nil
	})
}
