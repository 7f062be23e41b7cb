//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// preforkRounds is how often what may go wrong by chance is tried.
func preforkRounds(n int) int {
	switch {
	case os.Getenv("GREENLOOP_TORTURE") != "":
		return 20 * n
	case raceEnabled:
		return (n + 1) / 2
	}
	return n
}

// preforkPatiently tries something with more and more patience of a master with workers that do not do what they should:
// on a busy computer it may be too little for those that do.
func preforkPatiently(t *testing.T, try func(d time.Duration) (ok bool)) {
	t.Helper()
	d := 200 * time.Millisecond
	if raceEnabled {
		d = 800 * time.Millisecond
	}
	for !try(d) {
		d *= 2
		require.Less(t, d, time.Minute)
	}
}

// No request fails while all workers are replaced, again and again, on connections that are kept and on new ones.
func TestPreforkReloadLosesNothing(t *testing.T) {
	for _, reusePort := range []bool{false, true} {
		t.Run(fmt.Sprint("ReusePort=", reusePort), func(t *testing.T) {
			defer mp.OnSlowComputers(patience)()
			run(t, func() error {
				p := newPreforked(t, mp.Prefork{Workers: 2, ReusePort: reusePort}, preforkMode{})
				var load preforkLoad
				load.ask(p.addr(), 4)
				rounds := preforkRounds(5)
				if reusePort {
					rounds = preforkRounds(2)
				}
				for range rounds {
					before := p.ready()
					load.more(t)
					require.NoError(t, p.Reload())
					for _, pid := range p.ready() {
						require.NotContains(t, before, pid)
					}
					load.more(t)
				}
				require.Len(t, p.ready(), 2)
				load.stop(t)
				require.Zero(t, load.bad.Load(), "%v", load.lastError.Load())
				require.Equal(t, 2*rounds, p.count(mp.WorkerExited))
				require.Zero(t, p.count(mp.WorkerDied)+p.count(mp.WorkerOverdue)+p.count(mp.WorkerBlocked))
				p.end()
				_, err := gevent.Dial("tcp", p.addr())
				require.ErrorIs(t, err, syscall.ECONNREFUSED)
				return nil
			})
		})
	}
}

// A worker that is killed at any moment takes what it had in hand with it, and is replaced.
func TestPreforkKilledWorkers(t *testing.T) {
	for range preforkRounds(1) {
		run(t, func() error {
			p := newPreforked(t, mp.Prefork{Workers: 2}, preforkMode{})
			var load preforkLoad
			const clients, rounds = 4, 4
			load.ask(p.addr(), clients)
			for i := range rounds {
				load.more(t)
				require.NoError(t, gevent.Sleep(time.Duration(rand.IntN(2000))*time.Microsecond)) // any moment is right
				pids := p.ready()
				require.NoError(t, syscall.Kill(pids[i%len(pids)], syscall.SIGKILL))
				p.await(mp.WorkerDied, i+1)
				require.Equal(t, -int(syscall.SIGKILL), p.last(mp.WorkerDied).ExitCode)
				eventually(t, func() bool { return len(p.ready()) == 2 })
			}
			bad := load.bad.Load()
			require.LessOrEqual(t, bad, int64(2*clients*rounds), "no more than each client's one")
			load.more(t)
			load.stop(t)
			require.Equal(t, bad, load.bad.Load(), "later ones succeed: %v", load.lastError.Load())
			p.end()
			return nil
		})
	}
}

// A stop lets a request finish that has begun, and serves nobody else; what takes longer than the grace is killed.
func TestPreforkStop(t *testing.T) {
	run(t, func() error {
		p := newPreforked(t, mp.Prefork{Workers: 1}, preforkMode{})
		slow := startPreforkSlow(t, p.addr())
		p.Stop()
		p.await(mp.WorkerStopping, 1)
		eventually(t, func() bool {
			c, err := gevent.Dial("tcp", p.addr())
			if err == nil {
				c.Close()
			}
			return err != nil
		})
		require.Len(t, p.Stats(), 1)
		require.True(t, p.Stats()[0].Stopping)
		require.Equal(t, p.Stats()[0].PID, slow.finish(t))
		p.end()
		require.Zero(t, p.last(mp.WorkerExited).ExitCode)

		p = newPreforked(t, mp.Prefork{Workers: 1, Grace: 20 * time.Millisecond}, preforkMode{})
		slow = startPreforkSlow(t, p.addr())
		p.end()
		require.Equal(t, 1, p.count(mp.WorkerOverdue))
		require.Equal(t, -int(syscall.SIGKILL), p.last(mp.WorkerExited).ExitCode)
		_, err := slow.in.ReadByte()
		require.Error(t, err)
		return slow.Close()
	})
}

// Quit does not wait for anything, and ends a stop.
func TestPreforkQuit(t *testing.T) {
	run(t, func() error {
		p := newPreforked(t, mp.Prefork{Workers: 1}, preforkMode{})
		slow := startPreforkSlow(t, p.addr())
		p.Stop()
		p.await(mp.WorkerStopping, 1)
		p.Quit()
		require.NoError(t, p.serve.Get())
		require.Equal(t, -int(syscall.SIGKILL), p.last(mp.WorkerExited).ExitCode)
		return slow.Close()
	})
}

// Workers come and go as Resize says, by number, with sockets of their own, too.
func TestPreforkResize(t *testing.T) {
	run(t, func() error {
		p := newPreforked(t, mp.Prefork{Workers: 1, ReusePort: true}, preforkMode{})
		require.NoError(t, p.Resize(2))
		p.await(mp.WorkerReady, 2)
		require.Len(t, p.ready(), 2)
		first := p.ready()[0]
		require.NoError(t, p.Resize(1))
		p.await(mp.WorkerExited, 1)
		require.Equal(t, []int{first}, p.ready())
		require.Equal(t, strconv.Itoa(first), got[string](t)(preforkGet(p.addr())))
		require.Panics(t, func() { _ = p.Resize(0) })
		p.end()
		return nil
	})
}

// Workers that die again and again are started later and later; a server of which none ever works gives up.
func TestPreforkCrashes(t *testing.T) {
	defer mp.OnSlowComputers(time.Hour)()
	run(t, func() error {
		p := newPreforked(t, mp.Prefork{Workers: 1}, preforkMode{"once ready", preforkFlag(t, true)})
		p.await(mp.WorkerDied, 3)
		var delays []time.Duration
		for _, e := range p.events {
			if e.Kind == mp.WorkerDied {
				require.Equal(t, 8, e.ExitCode)
				delays = append(delays, e.Delay)
			}
		}
		require.Equal(t, []time.Duration{0, 50 * time.Millisecond, 100 * time.Millisecond}, delays[:3])
		p.Stop()
		require.NoError(t, p.serve.Get())

		m, err := preforkWeb.Listen(mp.Prefork{Bind: []string{"127.0.0.1:0"}, Workers: 1, OnEvent: func(mp.WorkerEvent) {}},
			preforkMode{"at once", preforkFlag(t, true)})
		require.NoError(t, err)
		require.ErrorContains(t, m.Serve(), "exit code 7")
		return nil
	})
}

// A reload whose new worker does not become ready leaves the old ones as they are.
func TestPreforkReloadFails(t *testing.T) {
	preforkPatiently(t, func(d time.Duration) (ok bool) {
		run(t, func() error {
			ok = preforkReloadFails(t, d)
			return nil
		})
		return ok
	})
}

func preforkReloadFails(t *testing.T, patience time.Duration) (ok bool) {
	mode := preforkMode{"never ready", preforkFlag(t, false)}
	p := tryPreforked(t, mp.Prefork{Workers: 1, StartTimeout: patience}, func(o mp.Prefork) (*mp.Master, error) {
		return preforkWeb.Listen(o, mode)
	})
	if p.serve.Ready() {
		require.Equal(t, 1, p.count(mp.WorkerLate))
		return false
	}
	before := p.ready()
	require.NoError(t, os.WriteFile(mode.File, nil, 0o600))
	require.ErrorContains(t, p.Reload(), "not ready in time")
	require.Equal(t, 1, p.count(mp.WorkerLate))
	require.Equal(t, before, p.ready())
	g := gevent.Spawn(p.Reload)
	p.await(mp.WorkerStarted, 3)
	g.Throw(errMade) // whoever is interrupted leaves nothing half done
	require.Equal(t, errMade, g.Get())
	g = gevent.Spawn(p.Reload)
	p.await(mp.WorkerStarted, 4)
	p.Stop()
	require.ErrorIs(t, g.Get(), mp.ErrStopped)
	p.end()
	return true
}

// A worker whose hub stands still is ended, prints what it does, and is replaced.
func TestPreforkBlockedWorker(t *testing.T) {
	stderr := preforkStderr(t)
	preforkPatiently(t, func(d time.Duration) (ok bool) {
		run(t, func() error {
			p := newPreforked(t, mp.Prefork{Workers: 1, Timeout: d}, preforkMode{})
			time.Sleep(d * 3 / 2) // it is us who block; the worker is not to suffer
			before := p.ready()
			pid, err := preforkGet(p.addr())
			if ok = p.count(mp.WorkerBlocked) == 0; !ok { // it had no CPU
				p.Quit()
				return p.serve.Get()
			}
			require.NoError(t, err)
			require.Equal(t, before, []int{got[int](t)(strconv.Atoi(pid))})
			require.Equal(t, before, p.ready())
			c, err := gevent.Dial("tcp", p.addr())
			require.NoError(t, err)
			_, err = fmt.Fprint(c, "GET /block HTTP/1.1\r\nHost: x\r\n\r\n")
			require.NoError(t, err)
			p.await(mp.WorkerBlocked, 1)
			p.await(mp.WorkerDied, 1)
			p.await(mp.WorkerReady, 2)
			p.Quit()
			require.NoError(t, p.serve.Get())
			return c.Close()
		})
		return ok && strings.Contains(stderr(), "preforkBlock") // else it had none before the request came
	})
	require.Contains(t, stderr(), "SIGABRT")
}

// Several addresses, one server for each, a Unix socket among them: its file is there as long as the master listens, and
// one that a dead master has left is replaced.
func TestPreforkUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	stale.SetUnlinkOnClose(false)
	require.NoError(t, stale.Close())
	require.FileExists(t, path)
	run(t, func() error {
		o := mp.Prefork{Workers: 1, Bind: []string{"127.0.0.1:0", "unix:" + path}}
		listen := func(o mp.Prefork) (*mp.Master, error) { return preforkLines.Listen(o, struct{}{}) }
		p := beginPreforked(t, o, listen)
		_, err := listen(o)
		require.ErrorIs(t, err, syscall.EADDRINUSE, "another one must not take the file away")
		require.NoError(t, p.Reload())
		for i, a := range p.Addrs() {
			c, err := gevent.Dial(a.Network(), a.String())
			require.NoError(t, err)
			var number, pid int
			_, err = fmt.Fscanln(c, &number, &pid)
			require.NoError(t, err)
			require.Equal(t, []int{i, p.ready()[0]}, []int{number, pid})
			require.NoError(t, c.Close())
		}
		require.FileExists(t, path)
		p.end()
		require.NoFileExists(t, path)
		return nil
	})
}

// A Serve that is killed, or whose wait is ended in another way, takes its workers along.
func TestPreforkInterruptedServe(t *testing.T) {
	run(t, func() error {
		p := newPreforked(t, mp.Prefork{Workers: 1}, preforkMode{})
		require.NoError(t, p.serve.Kill())
		require.Empty(t, p.Stats())
		p = newPreforked(t, mp.Prefork{Workers: 1}, preforkMode{})
		p.serve.Throw(errMade)
		require.Equal(t, errMade, p.serve.Get())
		require.Empty(t, p.Stats())
		_, err := gevent.Dial("tcp", p.addr())
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		return nil
	})
}
