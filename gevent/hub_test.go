package gevent

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/runtime/coro"
	"greenloop/sched"
)

func TestRunReturnsError(t *testing.T) {
	require.Same(t, errMade, runConfig(t, Config{}, func() error { return errMade }))
	run(t, func() error { return nil }) // again, on the same goroutine
}

func TestRunPassesPanicOn(t *testing.T) {
	defer noGoroutines(t)
	cleaned := false
	var r reports
	require.PanicsWithValue(t, "main's", func() {
		_ = RunConfig(r.config(), func() error {
			Spawn(func() error { defer func() { cleaned = true }(); return Sleep(time.Hour) })
			Yield()
			panic("main's")
		})
	})
	require.True(t, cleaned)
	require.Nil(t, GetHub())
	run(t, func() error { return nil })
}

func TestRunPassesGoexitOn(t *testing.T) {
	done := make(chan bool)
	go func() {
		returned := false
		defer func() { done <- returned }()
		_ = Run(func() error { runtime.Goexit(); return nil })
		returned = true
	}()
	require.False(t, <-done)
	noGoroutines(t)
}

func TestDeadlock(t *testing.T) {
	cleaned := false
	err := Run(func() error {
		var worker *Greenlet
		main := Current()
		worker = SpawnNamed("worker", func() error { defer func() { cleaned = true }(); return main.Join() })
		return worker.Join()
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, err, &deadlock)
	require.Len(t, deadlock.Tasks, 2)
	require.Equal(t, "join of worker (task 2)", deadlock.Tasks[0].Why)
	require.Equal(t, "join of main (task 1)", deadlock.Tasks[1].Why)
	require.Contains(t, err.Error(), "worker")
	require.True(t, cleaned)
}

func TestHubsAtOnce(t *testing.T) {
	defer noGoroutines(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			err := Run(func() error {
				h := GetHub()
				for range 100 {
					g := Spawn(func() error {
						Yield()
						if GetHub() != h {
							return errors.New("another hub's greenlet")
						}
						return nil
					})
					if err := g.Get(); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// A hub is found on its thread whichever hub came first, and not after its end, even if the thread is still entered.
func TestHubsOneAfterTheOther(t *testing.T) {
	defer noGoroutines(t)
	th := coro.Enter()
	ended := make(chan error)
	require.NoError(t, Run(func() error {
		outer := GetHub()
		first := make(chan struct{})
		go func() {
			ended <- Run(func() error {
				close(first)
				h := GetHub()
				for range 100 {
					require.NotSame(t, outer, h)
					require.Same(t, h, GetHub())
					_ = Sleep(100 * time.Microsecond)
				}
				return nil
			})
		}()
		<-first
		require.Same(t, outer, GetHub())
		return nil
	}))
	require.Nil(t, GetHub())
	require.NoError(t, <-ended)
	require.Nil(t, GetHub())
	require.NoError(t, Run(func() error {
		require.NotNil(t, GetHub())
		return nil
	}))
	require.NoError(t, th.Leave())
}

func TestMisuse(t *testing.T) {
	outside := map[string]func(){
		"Spawn":       func() { Spawn(func() error { return nil }) },
		"SpawnNamed":  func() { SpawnNamed("x", func() error { return nil }) },
		"SpawnLater":  func() { SpawnLater(0, func() error { return nil }) },
		"Go":          func() { Go(func() (int, error) { return 0, nil }) },
		"Sleep":       func() { _ = Sleep(0) },
		"Yield":       Yield,
		"Exit":        Exit,
		"Listen":      func() { _, _ = Listen("tcp", "127.0.0.1:0") },
		"Dial":        func() { _, _ = Dial("tcp", "127.0.0.1:1") },
		"DialTimeout": func() { _, _ = DialTimeout("tcp", "127.0.0.1:1", 1) },
		"WaitSignal":  func() { _, _ = WaitSignal() },
		"WithSignals": func() { _ = WithSignals(func() error { return nil }) },

		"StreamServer.Serve":  func() { _ = new(StreamServer).Serve(nil) },
		"StreamServer.Stop":   func() { new(StreamServer).Stop(0) },
		"DatagramServer.Stop": func() { new(DatagramServer).Stop(0) },
		"ListenUDP":           func() { _, _ = ListenUDP("udp", "127.0.0.1:0") },
		"DialUnixgram":        func() { _, _ = DialUnixgram("", "x") },
		"Poll":                func() { _, _ = Poll() },
		"WatchFd":             func() { _, _ = WatchFd(0) },
	}
	for name, call := range outside {
		text := "gevent: " + name + " called outside a hub: call it inside gevent.Run, on no goroutine started with go (there, use Hub.Post)"
		require.PanicsWithValue(t, text, call)
		run(t, func() error {
			_, err := await(func() (bool, error) {
				require.PanicsWithValue(t, text, call)
				return true, nil
			})
			return err
		})
	}
	require.PanicsWithValue(t, "gevent: Run of a nil function", func() { _ = Run(nil) })
	run(t, func() error {
		require.PanicsWithValue(t, "gevent: Run inside Run on the same thread; spawn a greenlet, or call it on another goroutine",
			func() { _ = Run(func() error { return nil }) })
		for _, spawn := range []func(){
			func() { Spawn(nil) },
			func() { SpawnNamed("x", nil) },
			func() { SpawnLater(0, nil) },
		} {
			require.PanicsWithValue(t, "gevent: a greenlet needs a function, got nil", spawn)
		}
		require.PanicsWithValue(t, "gevent: Go of a nil function", func() { Go[int](nil) })
		require.PanicsWithValue(t, "gevent: Kill of a Greenlet that was never spawned", func() { _ = new(Greenlet).Kill() })
		require.PanicsWithValue(t, "gevent: StreamServer needs a Handler", func() { _ = new(StreamServer).Serve(nil) })
		require.Panics(t, func() { _ = Current().Join() }, "it would wait for itself")
		return nil
	})
}

func TestRunInsideScheduler(t *testing.T) {
	s := sched.New(sched.Config{})
	require.NoError(t, s.Run(func() {
		require.PanicsWithValue(t, "gevent: Run on a thread that has a scheduler already; close that first, or call Run on another goroutine",
			func() { _ = Run(func() error { return nil }) })
	}))
	require.NoError(t, s.Close())
	run(t, func() error { return nil })
}

// A greenlet cannot be ended from other threads.
func TestKillOnAGoroutine(t *testing.T) {
	run(t, func() error {
		g := Spawn(func() error { return Sleep(time.Hour) })
		text, err := await(func() (text any, _ error) {
			defer func() { text = recover() }()
			return nil, g.Kill()
		})
		require.NoError(t, err)
		require.Contains(t, text, "use Post")
		require.False(t, g.Ready())
		return g.Kill()
	})
}

func TestPost(t *testing.T) {
	var late *Hub
	run(t, func() error {
		h := GetHub()
		late = h
		var l log
		var ended sched.WaitQueue
		got := 0
		for range 8 { // goroutines
			go func() {
				for range 100 {
					if !h.Post(func() { got++ }) {
						t.Error("refused")
					}
				}
				h.Post(func() { l.add("end"); ended.Wake() })
			}()
		}
		release := h.Hold()
		defer release()
		for len(l) < 8 {
			require.NoError(t, ended.Wait(h.sched, sched.Why("the goroutines")))
		}
		require.Equal(t, 800, got)

		h.Post(func() { Yield(); l.add("posted"); ended.Wake() }) // it may wait
		require.NoError(t, ended.Wait(h.sched, sched.Why("the post")))
		require.Equal(t, "posted", l[8])
		return nil
	})
	require.False(t, late.Post(func() { t.Error("it ran") }))
}

// A hub that only waits for a post must neither spin nor sleep through it.
func TestPostWakesTheHub(t *testing.T) {
	run(t, func() error {
		h := GetHub()
		release := h.Hold()
		for range 100 {
			ticket := h.sched.Ticket()
			go h.Post(func() { ticket.Ready() })
			require.NoError(t, h.sched.Park(sched.Why("post")))
		}
		require.Less(t, h.Stats().Polls, uint64(1000))
		release()
		release() // twice does no harm
		return nil
	})
}

func TestReleaseUncoversADeadlock(t *testing.T) {
	err := Run(func() error {
		release := GetHub().Hold()
		context.AfterFunc(canceled(), release)
		return GetHub().sched.Park(sched.Why("godot"))
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, err, &deadlock)
	noGoroutines(t)
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// A panic of a posted function is reported with no greenlet of the user's.
func TestPostPanics(t *testing.T) {
	var r reports
	require.NoError(t, runConfig(t, r.config(), func() error {
		GetHub().Post(func() { panic("posted") })
		return Sleep(1)
	}))
	require.Len(t, r.errs, 1)
	require.EqualError(t, r.errs[0], "panic: posted")
}

func TestDefaultOnErrorLogs(t *testing.T) {
	var out strings.Builder
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	run(t, func() error {
		require.Error(t, SpawnNamed("unlucky", func() error { panic(errMade) }).Get())
		GetHub().Post(func() { panic("posted") })
		return Sleep(1)
	})
	for _, want := range []string{
		`msg="greenlet ended by a panic" greenlet="unlucky (task 2)" error="panic: made up" stack="goroutine `,
		`greenlet="no greenlet" error="panic: posted"`,
	} {
		require.Contains(t, out.String(), want)
	}
}
