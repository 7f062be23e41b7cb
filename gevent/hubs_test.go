//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fleetOf runs hubs and checks that nothing is left of them.
func fleetOf(t *testing.T, n int, main func(hub int) error) error {
	before := openFds()
	done := make(chan error, 1)
	go func() { done <- RunHubs(n, main) }()
	select {
	case err := <-done:
		noGoroutines(t)
		require.Equal(t, before, openFds(), "descriptors left")
		return err
	case <-time.After(6 * patience):
		t.Fatal("the hubs have not ended")
		return nil
	}
}

func TestHubsRunBesideEachOther(t *testing.T) {
	for _, n := range []int{1, 4, 0} {
		want := n
		if n == 0 {
			want = runtime.GOMAXPROCS(0)
		}
		var met sync.WaitGroup
		met.Add(want)
		var mu sync.Mutex
		hubs := map[*Hub]int{}
		require.NoError(t, fleetOf(t, n, func(hub int) error {
			mu.Lock()
			hubs[GetHub()] = hub
			mu.Unlock()
			met.Done()
			return AwaitWaitGroup(&met) // all at the same time
		}))
		require.Len(t, hubs, want)
		numbers := map[int]bool{}
		for _, hub := range hubs {
			numbers[hub] = true
		}
		for i := range want {
			require.True(t, numbers[i])
		}
	}
}

// The first that fails ends the others, whose deferred functions run; only who has failed is in the error.
func TestHubsFailTogether(t *testing.T) {
	fails := map[string]struct {
		fail  func() error
		check func(t *testing.T, err error)
	}{
		"error": {func() error { return errMade }, func(t *testing.T, err error) {
			require.ErrorIs(t, err, errMade)
			require.EqualError(t, err, "hub 2: made up")
		}},
		"panic": {func() error { panic(errMade) }, func(t *testing.T, err error) {
			var p *PanicError
			require.ErrorAs(t, err, &p)
			require.Equal(t, errMade, p.Value)
			require.Contains(t, string(p.Stack), "TestHubsFailTogether")
		}},
		"Goexit": {func() error { runtime.Goexit(); return nil }, func(t *testing.T, err error) {
			require.ErrorContains(t, err, "Goexit")
		}},
		"exit": {func() error { Exit(); return nil }, func(t *testing.T, err error) { require.ErrorIs(t, err, ErrExit) }},
		"deadlock": {func() error { return new(Event).Wait() }, func(t *testing.T, err error) {
			require.ErrorAs(t, err, new(*DeadlockError))
		}},
	}
	for name, f := range fails {
		t.Run(name, func(t *testing.T) {
			var cleaned atomic.Int32
			var waiting sync.WaitGroup
			waiting.Add(3)
			err := fleetOf(t, 4, func(hub int) error {
				if hub == 2 {
					if err := AwaitWaitGroup(&waiting); err != nil {
						return err
					}
					return f.fail()
				}
				Spawn(func() error {
					defer cleaned.Add(1)
					return Sleep(time.Hour)
				})
				defer func() {
					_ = Sleep(time.Millisecond) // cleaning up may wait
					cleaned.Add(1)
				}()
				Yield()
				waiting.Done()
				for {
					_ = Sleep(time.Hour) // who ignores errors is ended all the same
				}
			})
			f.check(t, err)
			require.NotContains(t, err.Error(), "another hub")
			require.EqualValues(t, 6, cleaned.Load())
		})
	}
}

func TestHubsJoinErrors(t *testing.T) {
	var met sync.WaitGroup
	met.Add(3)
	err := fleetOf(t, 3, func(hub int) error {
		met.Done()
		return Shield(func() error {
			met.Wait() // all fail before any is told of another
			return fmt.Errorf("failure %d", hub)
		})
	})
	require.EqualError(t, err, "hub 0: failure 0\nhub 1: failure 1\nhub 2: failure 2")
}

// One that ends well leaves the others alone, and one that comes late to a failure does not begin.
func TestHubsEndOneByOne(t *testing.T) {
	var ended SharedSemaphore
	require.NoError(t, fleetOf(t, 3, func(hub int) error {
		if hub > 0 {
			if err := ended.Acquire(); err != nil {
				return err
			}
		}
		ended.Release()
		return nil
	}))
	entered := 0
	f := fleet{mains: make(map[*Greenlet]struct{}), failed: true}
	run(t, func() error {
		require.Same(t, errFleet, f.main(0, func(int) error { entered++; return nil }))
		return nil
	})
	require.Zero(t, entered)
}

func TestHubsMisuse(t *testing.T) {
	none := func(int) error { return nil }
	require.Panics(t, func() { _ = RunHubs(-1, none) })
	require.Panics(t, func() { _ = RunHubs(1, nil) })
	require.Panics(t, func() { _ = RunHubsConfig(1, nil, none) })
	run(t, func() error {
		require.PanicsWithValue(t, "gevent: RunHubs inside a hub, which would block it; call it outside Run",
			func() { _ = RunHubs(1, none) })
		return nil
	})
	err := RunHubsConfig(2, func(hub int) Config { panic(errMade) }, none)
	require.ErrorAs(t, err, new(*PanicError))
}

// A server on every core: each hub has its own listener on one address, and the kernel spreads the connections.
func TestHubsServeOneAddress(t *testing.T) {
	const hubs = 4
	crowd := 2000
	if testing.Short() {
		crowd = 200
	}
	var address SharedResult[string]
	var ready, over sync.WaitGroup
	ready.Add(hubs)
	over.Add(1)
	served := make([]int, hubs)
	threads := make([]map[int]bool, hubs)
	go func() { // the clients are goroutines with connections of package net
		defer over.Done()
		ready.Wait()
		to, _ := address.Get()
		var clients sync.WaitGroup
		for worker := range 8 {
			clients.Go(func() {
				for i := worker; i < crowd; i += 8 {
					if err := askHub(to, fmt.Sprint("client ", i)); err != nil {
						t.Error(i, err)
						return
					}
				}
			})
		}
		clients.Wait()
	}()
	require.NoError(t, fleetOf(t, hubs, func(hub int) error {
		config := &ListenConfig{ReusePort: true}
		at := "127.0.0.1:0"
		if hub > 0 {
			var err error
			if at, err = address.Get(); err != nil {
				return err
			}
		}
		l, err := config.Listen("tcp", at)
		if err != nil {
			return err
		}
		address.Set(l.Addr().String())
		threads[hub] = map[int]bool{}
		s := &StreamServer{Handler: func(c net.Conn) error {
			threads[hub][threadID()] = true
			_, err := io.Copy(c, c)
			threads[hub][threadID()] = true
			return err
		}, OnError: func(_ net.Conn, err error) { t.Error(err) }}
		serving := s.Start(l)
		Yield()
		ready.Done()
		if err := AwaitWaitGroup(&over); err != nil {
			return err
		}
		if killed := s.Stop(patience); killed != 0 {
			return fmt.Errorf("%d killed", killed)
		}
		served[hub] = s.Served()
		if err := serving.Get(); err != ErrServerClosed {
			return err
		}
		return nil
	}))
	sum, seen := 0, map[int]bool{}
	for hub := range hubs {
		sum += served[hub]
		if runtime.GOOS == "linux" { // others may give all to one
			require.Positive(t, served[hub], "%v", served)
			require.Len(t, threads[hub], 1, "a hub is one thread")
			for id := range threads[hub] {
				require.False(t, seen[id], "of its own")
				seen[id] = true
			}
		}
	}
	require.Equal(t, crowd, sum)
}

// askHub makes one short connection.
func askHub(to, text string) error {
	c, err := net.DialTimeout("tcp", to, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c, text); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && line != text+"\n" {
		err = fmt.Errorf("%q instead of %q", line, text)
	}
	return err
}

// Messages between all pairs of hubs come in order.
func TestHubsTalk(t *testing.T) {
	type message struct{ from, number int }
	const hubs, each = 4, 500
	var inbox [hubs]*SharedQueue[message]
	for i := range inbox {
		inbox[i] = NewSharedQueue[message](16) // so that they wait for each other
	}
	require.NoError(t, fleetOf(t, hubs, func(hub int) error {
		return Nurse(func(n *Nursery) error {
			for to := range hubs {
				n.Spawn(func() error {
					for i := range each {
						if err := inbox[to].Put(message{hub, i}); err != nil {
							return err
						}
					}
					return nil
				})
			}
			var next [hubs]int
			for range hubs * each {
				m, err := inbox[hub].Get()
				switch {
				case err != nil:
					return err
				case m.number != next[m.from]:
					return fmt.Errorf("hub %d: %d of %d instead of %d", hub, m.number, m.from, next[m.from])
				}
				next[m.from]++
			}
			return nil
		})
	}))
}

// Libraries with goroutines and locks of their own, used by all hubs at once.
func TestHubsShareALibrary(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	client := server.Client()
	const hubs, greenlets, rounds = 4, 5, 4
	var mu sync.Mutex
	counts := map[string]int{}
	require.NoError(t, RunHubs(hubs, func(hub int) error {
		return Nurse(func(n *Nursery) error {
			for i := range greenlets {
				n.Spawn(func() error {
					for range rounds {
						path := fmt.Sprintf("/%d/%d", hub, i)
						body, err := Await(func(ctx context.Context) (string, error) {
							r, err := client.Get(server.URL + path)
							if err != nil {
								return "", err
							}
							defer r.Body.Close()
							b, err := io.ReadAll(r.Body)
							return string(b), err
						})
						if err != nil || body != path {
							return errors.Join(err, fmt.Errorf("%q for %q", body, path))
						}
						if _, err := Offload(func() (any, error) {
							mu.Lock()
							defer mu.Unlock()
							counts[path]++
							return nil, nil
						}); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return nil
		})
	}))
	client.CloseIdleConnections()
	server.Close()
	noGoroutines(t)
	require.Len(t, counts, hubs*greenlets)
	for path, n := range counts {
		require.Equal(t, rounds, n, path)
	}
}
