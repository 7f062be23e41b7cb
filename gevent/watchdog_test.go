package gevent_test

import (
	"fmt"
	"iter"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
	"greenloop/greenlet"
	"greenloop/sched"
)

// From outside the package, whose own lines a report passes over.

// after returns the line n lines below the caller's, as reports show it.
func after(n int) string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", file, line+n)
}

const shortWatch = 50 * time.Millisecond

// Each blocks until the report has come, and for no other reason.
func TestWatchdogNamesTheLine(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread for all: nobody can look at it while it is blocked")
	}
	var (
		told atomic.Bool
		come chan struct{} // closed when told
		lock sync.Mutex    // locked until told
		line string
	)
	for name, c := range map[string]struct {
		block  func()
		state  string
		advice string
	}{
		"time.Sleep": {func() {
			for !told.Load() {
				line = after(1)
				time.Sleep(300 * time.Millisecond)
			}
		}, "sleep", "use gevent.Sleep"},
		"a Go mutex": {func() {
			line = after(1)
			lock.Lock()
		}, "sync.Mutex.Lock", "Offload"},
		"a computation": {func() {
			line = after(1)
			for !told.Load() {
			}
		}, "", "call gevent.Yield"},
		"a channel": {func() {
			line = after(1)
			<-come
		}, "chan receive", "Offload"},
		"a select": {func() {
			line = after(1)
			select {
			case <-come:
			case <-make(chan int):
			}
		}, "select", "Offload"},
		"a wait group": {func() {
			var group sync.WaitGroup
			group.Go(func() { <-come })
			line = after(1)
			group.Wait()
		}, "sync.WaitGroup.Wait", "Offload"},
		"a connection of package net": {func() {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				panic(err)
			}
			go func() { <-come; l.Close() }()
			line = after(1)
			_, _ = l.Accept()
		}, "IO wait", "use gevent's Dial and Listen"},
		"inside a raw greenlet": {func() {
			g := greenlet.New(func(...any) (any, error) {
				line = after(1)
				<-come
				return nil, nil
			})
			_, _ = g.Switch()
		}, "chan receive", ""},
		"inside an iterator": {func() {
			next, stop := iter.Pull(func(yield func(int) bool) {
				line = after(1)
				<-come
				yield(1)
			})
			defer stop()
			next()
		}, "chan receive", ""},
	} {
		t.Run(name, func(t *testing.T) {
			told.Store(false)
			come = make(chan struct{})
			lock.Lock()
			defer lock.Unlock()
			var report *gevent.Blocked
			err := gevent.RunConfig(gevent.Config{Sites: true, Watchdog: shortWatch, OnBlocked: func(b *gevent.Blocked) {
				if told.Load() {
					return
				}
				report = b
				told.Store(true)
				close(come)
				lock.Unlock()
			}}, func() error {
				gevent.SpawnNamed("bystander", func() error { return gevent.Sleep(time.Hour) })
				gevent.Yield()
				site := after(1)
				g := gevent.SpawnNamed("culprit\x1b[m", func() error { c.block(); return nil })
				err := g.Join()
				if name == "inside a raw greenlet" || name == "inside an iterator" { // they are not the greenlet's own coroutine
					require.Contains(t, report.Greenlet, "a greenlet that runs ")
				} else {
					require.Equal(t, `"culprit\x1b[m" (task 3)`, report.Greenlet)
					require.Equal(t, "spawned at "+site, report.Site)
				}
				return err
			})
			require.NoError(t, err)
			if name != "a Go mutex" {
				lock.Lock()
			}
			require.Equal(t, line, report.Line)
			require.Contains(t, report.Function, "TestWatchdogNamesTheLine")
			require.Contains(t, report.State, c.state)
			require.Contains(t, report.Advice, c.advice)
			require.Contains(t, report.Stack, report.Line)
			require.NotContains(t, report.Stack, "coro")
			require.GreaterOrEqual(t, report.For, shortWatch)
			require.Contains(t, report.String(), "hub blocked for "+report.For.String())
		})
	}
	goleak.VerifyNone(t)
}

// A greenlet without a name is told by its function.
func TestWatchdogNamesTheFunctionOfOneWithoutAName(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread for all")
	}
	come := make(chan *gevent.Blocked, 9)
	require.NoError(t, gevent.RunConfig(gevent.Config{Watchdog: shortWatch, OnBlocked: func(b *gevent.Blocked) { come <- b }}, func() error {
		var report *gevent.Blocked
		err := gevent.Spawn(func() error { report = wait(come); return nil }).Join()
		require.Regexp(t, `^a greenlet that runs \S+/gevent_test\.TestWatchdogNamesTheFunction`, report.Greenlet)
		require.Empty(t, report.Site)
		return err
	}))
}

func wait(come <-chan *gevent.Blocked) *gevent.Blocked { return <-come }

// What the loop calls blocks on the stack of a greenlet that has nothing to do with it.
func TestWatchdogTellsAFunctionOfTheLoop(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread for all")
	}
	come := make(chan *gevent.Blocked, 9)
	var report *gevent.Blocked
	var line string
	hooks := &sched.Hooks{Parked: func(task *sched.Task) {
		if task.Name() == "innocent" {
			line = after(1)
			report = <-come
		}
	}}
	require.NoError(t, gevent.RunConfig(
		gevent.Config{Hooks: hooks, Watchdog: shortWatch, OnBlocked: func(b *gevent.Blocked) { come <- b }}, func() error {
			return gevent.SpawnNamed("innocent", func() error { return gevent.Sleep(1) }).Join()
		}))
	require.Equal(t, "the loop", report.Greenlet)
	require.Equal(t, line, report.Line)
}

// Of two hubs at once the blocked one is reported, by its own watchdog only.
func TestWatchdogOfSeveralHubs(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread for all")
	}
	defer goleak.VerifyNone(t)
	come := make(chan *gevent.Blocked, 9)
	stop := make(chan struct{})
	var others sync.WaitGroup
	for _, busy := range []bool{false, true} {
		others.Go(func() {
			_ = gevent.RunConfig(gevent.Config{Watchdog: time.Hour}, func() error {
				h := gevent.GetHub()
				waiter := gevent.SpawnNamed("innocent", func() error { return gevent.Sleep(time.Hour) })
				release := h.Hold()
				go func() { <-stop; h.Post(func() { waiter.KillAsync() }); release() }()
				for busy && !waiter.Ready() {
					gevent.Yield()
				}
				return waiter.Join()
			})
		})
	}
	require.NoError(t, gevent.RunConfig(gevent.Config{Watchdog: shortWatch, OnBlocked: func(b *gevent.Blocked) { come <- b }}, func() error {
		var report *gevent.Blocked
		err := gevent.SpawnNamed("culprit", func() error { report = <-come; return nil }).Join()
		require.Equal(t, "culprit (task 2)", report.Greenlet)
		return err
	}))
	close(stop)
	others.Wait()
}

// It is also said when the hub goes on, and a panic of the handler ends nothing.
func TestWatchdogTellsTheEnd(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread for all")
	}
	come, over := make(chan struct{}), make(chan *gevent.Blocked, 1)
	c := gevent.Config{Watchdog: shortWatch, OnBlocked: func(b *gevent.Blocked) {
		if b.Over {
			over <- b
			return
		}
		select {
		case <-come:
		default:
			close(come)
		}
		panic("the handler's")
	}}
	require.NoError(t, gevent.RunConfig(c, func() error {
		<-come // blocks the hub
		for len(over) == 0 {
			if err := gevent.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	}))
	b := <-over
	require.Contains(t, b.String(), "hub goes on after ")
	require.Equal(t, "main (task 1)", b.Greenlet)
	require.Contains(t, b.Line, "watchdog_test.go:")
}
