package gevent

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

const why = sched.Why("a test")

func TestOffload(t *testing.T) {
	run(t, func() error {
		ticks, ticked := 0, make(chan struct{})
		ticker := Spawn(func() error {
			for {
				if ticks++; ticks == 10 {
					close(ticked)
				}
				_ = Sleep(1) // not Yield: on js/wasm, with its one thread, that would leave none for the goroutine
			}
		})
		v, err := offload(GetHub(), why, func() (int, error) { <-ticked; return 42, nil }, func(int) { t.Error("undone") })
		require.NoError(t, err)
		require.Equal(t, 42, v)
		_, err = offload(GetHub(), why, func() (int, error) { return 0, errMade }, nil)
		require.Same(t, errMade, err)
		require.GreaterOrEqual(t, ticks, 10)
		return ticker.Kill()
	})
}

func TestOffloadPanicAndGoexit(t *testing.T) {
	run(t, func() error {
		_, err := offload(GetHub(), why, func() (int, error) { panic(errMade) }, func(int) { t.Error("undone") })
		var p *PanicError
		require.ErrorAs(t, err, &p)
		require.ErrorIs(t, err, errMade)
		require.Contains(t, string(p.Stack), "TestOffloadPanicAndGoexit")
		_, err = offload(GetHub(), why, func() (int, error) { runtime.Goexit(); return 0, nil }, func(int) { t.Error("undone") })
		require.EqualError(t, err, "gevent: the offloaded function called runtime.Goexit")
		return nil
	})
}

// Whoever is not there any more gets no result: it is undone once, be the function over before or after, and whether or
// not the hub is still there to be told.
func TestOffloadUndone(t *testing.T) {
	ends := map[string]func(t *testing.T, g *Greenlet){
		"kill":  func(t *testing.T, g *Greenlet) { require.NoError(t, g.Kill()) },
		"throw": func(t *testing.T, g *Greenlet) { throw(g, errMade); require.Same(t, errMade, g.Get()) },
		"end":   func(*testing.T, *Greenlet) {},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			var undone atomic.Int32
			release := make(chan struct{})
			require.NoError(t, Run(func() error {
				g := Spawn(func() error {
					_, err := offload(GetHub(), why, func() (int, error) { <-release; return 42, nil },
						func(v int) { undone.Add(int32(v)) })
					if err == nil {
						err = errors.New("it got a result")
					}
					return err
				})
				parked(t, g)
				end(t, g)
				return nil
			}))
			close(release)
			noGoroutines(t)
			require.EqualValues(t, 42, undone.Load())
		})
	}
}

// The function ends as the hub does: its post may be accepted and never looked at.
func TestOffloadEndsWithTheHub(t *testing.T) {
	var made, undone, taken atomic.Int32
	for range 300 {
		require.NoError(t, Run(func() error {
			begun := make(chan struct{})
			Spawn(func() error {
				_, err := offload(GetHub(), why, func() (int, error) { close(begun); made.Add(1); return 0, nil },
					func(int) { undone.Add(1) })
				if err == nil {
					taken.Add(1)
				}
				return err
			})
			Yield()
			<-begun // blocks the hub
			return nil
		}))
	}
	noGoroutines(t)
	require.EqualValues(t, 300, made.Load())
	require.Equal(t, made.Load(), undone.Load()+taken.Load())
}

// A result that comes when the wait was ended by something else must not end the next wait of the same greenlet.
func TestOffloadEndsNoOtherWait(t *testing.T) {
	run(t, func() error {
		for _, pending := range []bool{false, true} {
			release, ended := make(chan struct{}), make(chan struct{})
			g := Spawn(func() error {
				g := Current()
				if pending {
					throw(g, errMade) // waits for the next park
				}
				_, err := offload(GetHub(), why, func() (int, error) {
					defer close(ended)
					<-release
					return 0, nil
				}, nil)
				require.Same(t, errMade, err)
				return Sleep(time.Hour)
			})
			parked(t, g)
			if !pending {
				throw(g, errMade)
				parked(t, g)
			}
			close(release)
			awaitDone(t, ended)
			require.ErrorIs(t, g.JoinTimeout(time.Millisecond), ErrTimeout)
			require.NoError(t, g.Kill())
		}
		return nil
	})
}

// What the end of the hub finds posted runs up to its first wait, and so do its deferred functions: nothing can come any
// more.
func TestOffloadWhileTheHubCloses(t *testing.T) {
	trace := make(log, 0, 2)
	require.NoError(t, Run(func() error {
		GetHub().Post(func() {
			defer trace.add("end")
			defer func() {
				_, _ = Offload(func() (int, error) { return 1, nil })
				trace.add("offloaded")
			}()
			_ = Sleep(time.Hour)
			trace.add("slept")
		})
		return nil
	}))
	require.Contains(t, []string{"end", "offloaded end"}, trace.String())
	noGoroutines(t)
}
