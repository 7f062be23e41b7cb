//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// PreforkOwn has no server of package gevent.
var preforkOwn = mp.DefineServer("prefork own", func(w *mp.Worker[string]) error {
	l := w.Listeners[0]
	switch w.Config {
	case "server fails":
		if err := l.Close(); err != nil {
			return err
		}
		return w.Serve(&gevent.StreamServer{Handler: func(net.Conn) error { return nil }})
	case "server returns":
		return w.Serve(preforkBrief{})
	}
	for range 2 {
		if err := w.Ready(); err != nil {
			return err
		}
	}
	accepting := gevent.Spawn(func() error {
		for {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			fmt.Fprintln(c, w.Config)
			c.Close()
		}
	})
	if err := w.Wait(); err != nil {
		return err
	}
	return accepting.Kill()
})

type preforkBrief struct{}

func (preforkBrief) Serve(net.Listener) error { return nil }
func (preforkBrief) StopAccepting()           {}

// preforkStderr has the children write to a file, and returns what there is.
func preforkStderr(t *testing.T) (text func() string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	stderr := os.Stderr
	os.Stderr = file
	t.Cleanup(func() {
		os.Stderr = stderr
		require.NoError(t, file.Close())
	})
	return func() string {
		b, err := os.ReadFile(file.Name())
		require.NoError(t, err)
		return string(b)
	}
}

// A worker may accept by itself; the number of workers may be set before there are any.
func TestPreforkOwnLoop(t *testing.T) {
	run(t, func() error {
		p := beginPreforked(t, mp.Prefork{Workers: 1}, func(o mp.Prefork) (*mp.Master, error) {
			o.Workers = 3
			m, err := preforkOwn.Listen(o, "mine")
			require.NoError(t, err)
			return m, m.Resize(1)
		})
		c, err := gevent.Dial("tcp", p.addr())
		require.NoError(t, err)
		var text string
		_, err = fmt.Fscanln(c, &text)
		require.NoError(t, err)
		require.Equal(t, "mine", text)
		require.NoError(t, c.Close())
		p.end()
		require.Equal(t, 1, p.count(mp.WorkerStarted))
		require.Zero(t, p.last(mp.WorkerExited).ExitCode)
		return nil
	})
}

// A server that fails, or that returns, ends its worker, and so does not become ready.
func TestPreforkServerFails(t *testing.T) {
	stderr := preforkStderr(t)
	for mode, want := range map[string]string{"server fails": "closed", "server returns": "though nobody has stopped it"} {
		run(t, func() error {
			o := mp.Prefork{Bind: []string{"127.0.0.1:0"}, Workers: 1, OnEvent: func(mp.WorkerEvent) {}}
			require.ErrorContains(t, preforkOwn.Serve(o, mode), "has not become ready")
			require.Contains(t, stderr(), want)
			return nil
		})
	}
}

// What happens is logged if nobody else wants to know.
func TestPreforkLog(t *testing.T) {
	defer mp.OnSlowComputers(time.Hour)()
	var b bytes.Buffer
	usual := slog.Default()
	defer slog.SetDefault(usual)
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	run(t, func() error {
		o := mp.Prefork{Bind: []string{"127.0.0.1:0"}, Workers: 1, Timeout: -1}
		g := gevent.Spawn(func() error { return preforkWeb.Serve(o, preforkMode{"once ready", preforkFlag(t, true)}) })
		eventually(t, func() bool { return bytes.Count(b.Bytes(), []byte("worker died")) >= 2 })
		return g.Kill()
	})
	require.Regexp(t, `level=INFO msg="mp: worker ready" server="prefork web" worker=0 pid=\d+\n`, b.String())
	require.Regexp(t, `level=WARN msg="mp: worker died" server="prefork web" worker=0 pid=\d+ exit=8 delay=50ms\n`, b.String())
}

// An OnEvent that panics is told of, and the server works as without it.
func TestPreforkOnEventPanics(t *testing.T) {
	var b bytes.Buffer
	usual := slog.Default()
	defer slog.SetDefault(usual)
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	run(t, func() error {
		p := &preforked{t: t}
		m, err := preforkWeb.Listen(mp.Prefork{
			Bind: []string{"127.0.0.1:0"}, Workers: 1,
			OnEvent: func(e mp.WorkerEvent) {
				p.events = append(p.events, e)
				require.LessOrEqual(t, len(p.events), 20, "workers come and go: %v", p.events)
				panic(errMade)
			},
		}, preforkMode{})
		require.NoError(t, err)
		p.Master, p.serve = m, gevent.Spawn(m.Serve)
		p.await(mp.WorkerReady, 1)
		require.NoError(t, p.Reload())
		require.NoError(t, syscall.Kill(p.ready()[0], syscall.SIGKILL))
		p.await(mp.WorkerReady, 3)
		p.end()
		require.Equal(t, 3, p.count(mp.WorkerStarted))
		require.Equal(t, 2, p.count(mp.WorkerExited))
		require.Equal(t, 1, p.count(mp.WorkerDied))
		return nil
	})
	require.Contains(t, b.String(), `server="prefork web" event="worker ready" panic="made for a test" stack=`)
	require.Contains(t, b.String(), "prefork_own_test.go")
}

// A signal to the whole group, as by Ctrl-C, may come before a worker handles it: that is no reason to give up.
func TestPreforkSignalledStart(t *testing.T) {
	run(t, func() error {
		p := &preforked{t: t}
		m, err := preforkWeb.Listen(mp.Prefork{
			Bind: []string{"127.0.0.1:0"}, Workers: 1,
			OnEvent: func(e mp.WorkerEvent) {
				p.events = append(p.events, e)
				if e.Kind == mp.WorkerStarted && p.count(mp.WorkerStarted) == 1 {
					require.NoError(t, syscall.Kill(e.PID, syscall.SIGTERM)) // its program is not even loaded
				}
			},
		}, preforkMode{})
		require.NoError(t, err)
		p.Master, p.serve = m, gevent.Spawn(m.Serve)
		p.await(mp.WorkerReady, 1)
		if p.count(mp.WorkerDied) > 0 { // else we were so slow that it did handle it
			require.Equal(t, -int(syscall.SIGTERM), p.last(mp.WorkerDied).ExitCode)
		}
		p.end()
		return nil
	})
}

// A Reload whose new worker somebody ends says so.
func TestPreforkReloadSentAway(t *testing.T) {
	run(t, func() error {
		flag := preforkFlag(t, false)
		p := newPreforked(t, mp.Prefork{Workers: 1}, preforkMode{"never ready", flag})
		require.NoError(t, os.WriteFile(flag, nil, 0o600))
		g := gevent.Spawn(p.Reload)
		p.await(mp.WorkerStarted, 2)
		pid := p.last(mp.WorkerStarted).PID
		eventually(t, func() bool {
			_ = syscall.Kill(pid, syscall.SIGTERM) // the first one may come before it is handled
			return g.Ready()
		})
		require.ErrorContains(t, g.Get(), fmt.Sprintf("has not become ready: process %d ended", pid))
		require.Len(t, p.ready(), 1)
		p.end()
		return nil
	})
}

// A hub that ends before the workers have begun does not wait for them.
func TestPreforkHubEndsAtOnce(t *testing.T) {
	for yields := range 5 {
		run(t, func() error {
			o := mp.Prefork{Bind: []string{"127.0.0.1:0"}, Workers: 2, OnEvent: func(mp.WorkerEvent) {}}
			gevent.Spawn(func() error { return preforkWeb.Serve(o, preforkMode{}) })
			for range yields {
				gevent.Yield()
			}
			return nil
		})
	}
}

// A wait for the stop can be interrupted as any other.
func TestPreforkWaitInterrupted(t *testing.T) {
	run(t, func() error {
		var w mp.Worker[int]
		g := gevent.Spawn(w.Wait)
		gevent.Yield()
		require.NoError(t, g.Kill())
		require.ErrorIs(t, gevent.WithTimeout(time.Millisecond, w.Wait), gevent.ErrTimeout)
		return nil
	})
}

// What cannot be, is said.
func TestPreforkMisuse(t *testing.T) {
	run(t, func() error {
		require.Panics(t, func() { _, _ = preforkWeb.Listen(mp.Prefork{Bind: []string{""}, Workers: -1}, preforkMode{}) })
		require.Panics(t, func() { mp.DefineServer[int]("prefork nil", nil) })
		require.ErrorContains(t, preforkWeb.Serve(mp.Prefork{}, preforkMode{}), "set Prefork.Bind")
		_, err := preforkWeb.Listen(mp.Prefork{Bind: []string{"127.0.0.1:port"}}, preforkMode{})
		require.Error(t, err)
		r, s := pipe[int](t)
		_, err = preforkHandles.Listen(mp.Prefork{Bind: []string{"127.0.0.1:0"}}, s)
		require.ErrorContains(t, err, "cannot have handles")
		closeAll(t, r, s)
		var w mp.Worker[int]
		require.Panics(t, func() { _ = w.Serve(&http.Server{}, &http.Server{}) })
		require.Panics(t, func() { _ = w.Serve(preforkNoStop{}) })
		return nil
	})
}

type preforkNoStop struct{}

func (preforkNoStop) Serve(net.Listener) error { return nil }

var preforkHandles = mp.DefineServer("prefork handles", func(*mp.Worker[*mp.Sender[int]]) error { return nil })
