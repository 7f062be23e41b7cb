package gevent

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

func TestAwaitIsNotBounded(t *testing.T) {
	offloadMaxed(t, 1, func() error {
		const n = 200
		var all sync.WaitGroup // each waits for all others
		all.Add(n)
		var gs []*Greenlet
		for range n {
			gs = append(gs, Spawn(func() error {
				_, err := Await(func(context.Context) (int, error) { all.Done(); all.Wait(); return 0, nil })
				return err
			}))
		}
		return JoinAll(gs...)
	})
}

func TestAwaitEndedEarly(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				cause := make(chan error, 1)
				var err error
				g := Spawn(func() error {
					_, err = Await(func(ctx context.Context) (int, error) {
						<-ctx.Done()
						cause <- context.Cause(ctx)
						return 0, nil
					})
					return nil
				})
				parked(t, g)
				want := end(t, g)
				require.Equal(t, want, err)
				if want == nil {
					want = ErrExit
				}
				require.ErrorIs(t, <-cause, want)
				return nil
			})
		})
	}
}

func TestAwaitContext(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		before := runtime.NumGoroutine()
		g := Spawn(func() error { return AwaitContext(ctx) })
		parked(t, g)
		require.LessOrEqual(t, runtime.NumGoroutine(), before+1, "only the greenlet's")
		require.ErrorIs(t, AwaitContextTimeout(ctx, 0), ErrTimeout)
		require.ErrorIs(t, AwaitContextTimeout(ctx, 1), ErrTimeout)
		inGoroutine(t, cancel)
		require.NoError(t, g.Get())
		require.NoError(t, AwaitContext(ctx))
		return AwaitContextTimeout(ctx, 0)
	})
}

func TestAwaitContextEndedEarly(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				var err error
				g := Spawn(func() error { err = AwaitContext(ctx); return nil })
				parked(t, g)
				require.Equal(t, end(t, g), err)
				return nil
			})
		})
	}
}

// A context that nobody can end is no reason to hope.
func TestAwaitContextThatNeverEnds(t *testing.T) {
	var deadlock *DeadlockError
	require.ErrorAs(t, Run(func() error { return AwaitContext(context.Background()) }), &deadlock)
}

func TestAwaitWaitGroup(t *testing.T) {
	run(t, func() error {
		var wg sync.WaitGroup
		require.NoError(t, AwaitWaitGroup(&wg))
		release, done := make(chan struct{}), new(atomic.Int32)
		for range 10 {
			wg.Go(func() { <-release; done.Add(1) })
		}
		g := Spawn(func() error { return AwaitWaitGroup(&wg) })
		gone := Spawn(func() error { return AwaitWaitGroup(&wg) })
		parked(t, g, gone)
		require.NoError(t, gone.Kill())
		close(release)
		require.NoError(t, g.Get())
		require.EqualValues(t, 10, done.Load())
		return nil
	})
}

// Other goroutines wait for greenlets: one that runs, that fails, that is killed, that has ended, whose hub has ended.
func TestGreenletDone(t *testing.T) {
	run(t, func() error {
		ok := Go(func() (int, error) { return 42, Sleep(1) })
		failing := Spawn(func() error { return errMade })
		killed := Spawn(func() error { return Sleep(time.Hour) })
		victim := Spawn(func() error { _ = Sleep(1); return killed.Kill() })
		inGoroutine(t, func() {
			<-ok.Done()
			v, err := ok.Get()
			require.NoError(t, err)
			require.Equal(t, 42, v)
			<-failing.Done()
			require.Same(t, errMade, failing.Err())
			<-killed.Done()
			require.ErrorIs(t, killed.Get(), ErrExit)
		})
		<-ok.Done() // here, too
		return victim.Get()
	})
}

func TestGreenletDoneWithTheHub(t *testing.T) {
	var gs []*Greenlet
	asked, goOn := make(chan struct{}), make(chan struct{})
	go func() {
		<-asked
		done := gs[0].Done()
		close(goOn)
		<-done
		<-gs[1].Done()
		asked <- struct{}{}
	}()
	require.NoError(t, Run(func() error {
		for range 2 {
			gs = append(gs, Spawn(func() error { return GetHub().sched.Park(sched.Why("for ever")) }))
		}
		parked(t, gs...)
		asked <- struct{}{}
		<-goOn // blocks the hub
		return nil
	}))
	<-asked
	require.ErrorIs(t, gs[0].Get(), ErrExit)
	require.ErrorIs(t, gs[1].Err(), ErrExit)
	<-gs[1].Done()
	require.Panics(t, func() { new(Greenlet).Done() })
	noGoroutines(t)
}

// Goroutines wait for greenlets while the hub ends.
func TestGreenletDoneRacesWithTheHub(t *testing.T) {
	for range 200 {
		given, ended := make(chan *Greenlet, 1), make(chan error)
		go func() { g := <-given; <-g.Done(); ended <- g.Get() }()
		require.NoError(t, Run(func() error {
			g := Spawn(func() error { return Sleep(time.Hour) })
			given <- g
			Yield()
			return nil
		}))
		require.ErrorIs(t, <-ended, ErrExit)
	}
	noGoroutines(t)
}

// A wake-up that comes when the call has returned already, without having parked, must not end what is waited for next.
func TestAwaitContextEndsNoOtherWait(t *testing.T) {
	run(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		for range 100 {
			require.NoError(t, AwaitContext(ctx))
			s := sched.Current()
			require.Equal(t, ErrTimeout, s.ParkUntil(why, s.After(time.Millisecond)))
		}
		return nil
	})
}

// Done in a loop leaves no more behind than one Done.
func TestGreenletDoneIsOneChannel(t *testing.T) {
	run(t, func() error {
		g := Spawn(func() error { return Sleep(time.Hour) })
		done := g.Done()
		inGoroutine(t, func() {
			for range 100 {
				require.Equal(t, done, g.Done())
			}
		})
		require.NoError(t, g.Kill())
		<-done
		<-g.Done()
		require.Empty(t, GetHub().deaths.dones)
		return nil
	})
}
