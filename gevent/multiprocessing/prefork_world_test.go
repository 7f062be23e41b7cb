//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	ghttp "greenloop/gevent/http"
	mp "greenloop/gevent/multiprocessing"
)

func init() {
	if raceEnabled { // else each child waits for a second when it exits
		_ = os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	}
}

// A preforkMode says what a worker of the tests does.
type preforkMode struct {
	Fails string // "at once", "once ready" or "never ready"
	File  string // if this file exists
}

var preforkWeb = mp.DefineServer("prefork web", func(w *mp.Worker[preforkMode]) error {
	if _, err := os.Stat(w.Config.File); err == nil {
		switch w.Config.Fails {
		case "at once":
			return mp.ExitStatus(7)
		case "once ready":
			return errors.Join(w.Ready(), mp.ExitStatus(8))
		case "never ready":
			return gevent.Sleep(time.Hour)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(out http.ResponseWriter, _ *http.Request) { fmt.Fprint(out, os.Getpid()) })
	mux.HandleFunc("/slow", func(out http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(out, os.Getpid())
	})
	mux.HandleFunc("/block", preforkBlock)
	return w.Serve(&ghttp.Server{Handler: mux})
})

func preforkBlock(http.ResponseWriter, *http.Request) { time.Sleep(time.Hour) }

var preforkLines = mp.DefineServer("prefork lines", func(w *mp.Worker[struct{}]) error {
	var servers []mp.WorkerServer
	for i := range w.Listeners {
		servers = append(servers, &gevent.StreamServer{Handler: func(c net.Conn) error {
			_, err := fmt.Fprintln(c, i, os.Getpid())
			return errors.Join(err, val(c.Read(make([]byte, 1))))
		}})
	}
	return w.Serve(servers...)
})

// A preforked is a Master that serves, and what has become of its workers.
type preforked struct {
	*mp.Master
	t      testing.TB
	events []mp.WorkerEvent
	serve  *gevent.Greenlet
}

// newPreforked begins to serve, and waits until all workers are ready.
func newPreforked(t testing.TB, o mp.Prefork, mode preforkMode) *preforked {
	t.Helper()
	return beginPreforked(t, o, func(o mp.Prefork) (*mp.Master, error) { return preforkWeb.Listen(o, mode) })
}

func beginPreforked(t testing.TB, o mp.Prefork, listen func(mp.Prefork) (*mp.Master, error)) *preforked {
	t.Helper()
	p := tryPreforked(t, o, listen)
	p.await(mp.WorkerReady, o.Workers)
	return p
}

// tryPreforked begins to serve, and waits until all workers are ready, or the server has given up.
func tryPreforked(t testing.TB, o mp.Prefork, listen func(mp.Prefork) (*mp.Master, error)) *preforked {
	t.Helper()
	p := &preforked{t: t}
	o.OnEvent = func(e mp.WorkerEvent) { p.events = append(p.events, e) }
	if o.Bind == nil {
		o.Bind = []string{"127.0.0.1:0"}
	}
	var err error
	p.Master, err = listen(o)
	require.NoError(t, err)
	p.serve = gevent.Spawn(p.Serve)
	eventually(t, func() bool { return p.count(mp.WorkerReady) >= o.Workers || p.serve.Ready() })
	return p
}

func (p *preforked) addr() string { return p.Addrs()[0].String() }

func (p *preforked) count(kind mp.WorkerEventKind) (n int) {
	for _, e := range p.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// await waits until there were n events of a kind.
func (p *preforked) await(kind mp.WorkerEventKind, n int) {
	p.t.Helper()
	eventually(p.t, func() bool {
		require.True(p.t, p.count(kind) >= n || !p.serve.Ready(), "the server has ended: %v", p.events)
		return p.count(kind) >= n
	})
}

func (p *preforked) last(kind mp.WorkerEventKind) mp.WorkerEvent {
	p.t.Helper()
	for _, e := range slices.Backward(p.events) {
		if e.Kind == kind {
			return e
		}
	}
	require.Fail(p.t, "no such event", "%s: %v", kind, p.events)
	return mp.WorkerEvent{}
}

// ready returns the processes that serve, in the order of their places.
func (p *preforked) ready() (pids []int) {
	all := p.Stats()
	slices.SortFunc(all, func(a, b mp.WorkerStats) int { return a.Number - b.Number })
	for _, s := range all {
		if s.Ready && !s.Stopping {
			pids = append(pids, s.PID)
		}
	}
	return pids
}

// end stops the server in good order.
func (p *preforked) end() {
	p.t.Helper()
	p.Stop()
	require.NoError(p.t, p.serve.Get())
	require.Empty(p.t, p.Stats())
	require.ErrorIs(p.t, p.Reload(), mp.ErrStopped)
	require.ErrorIs(p.t, p.Resize(1), mp.ErrStopped)
	require.ErrorIs(p.t, p.Serve(), mp.ErrStopped)
}

// A preforkLoad asks the server again and again, from goroutines of net/http's own clients.
type preforkLoad struct {
	stopped   atomic.Bool
	good, bad atomic.Int64
	lastError atomic.Value
	pids      sync.Map
	all       sync.WaitGroup
}

// ask starts n clients that keep their connections, and n that make a new one each time.
func (l *preforkLoad) ask(addr string, n int) {
	for i := range 2 * n {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: i%2 == 0}, Timeout: patience}
		l.all.Go(func() {
			defer client.CloseIdleConnections()
			for !l.stopped.Load() {
				if err := l.once(client, addr); err != nil {
					l.bad.Add(1)
					l.lastError.Store(err.Error())
				} else {
					l.good.Add(1)
				}
			}
		})
	}
}

func (l *preforkLoad) once(client *http.Client, addr string) error {
	resp, err := client.Get("http://" + addr)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil {
		l.pids.Store(string(b), true)
		_, err = strconv.Atoi(string(b))
	}
	return err
}

// more waits until some more requests have succeeded.
func (l *preforkLoad) more(t testing.TB) {
	t.Helper()
	from := l.good.Load()
	eventually(t, func() bool { return l.good.Load() > from+50 })
}

func (l *preforkLoad) stop(t testing.TB) {
	t.Helper()
	l.stopped.Store(true)
	require.NoError(t, gevent.AwaitWaitGroup(&l.all))
}

// A preforkSlow is a request that is being served, and whose answer waits for us.
type preforkSlow struct {
	net.Conn
	in *bufio.Reader
}

func startPreforkSlow(t testing.TB, addr string) *preforkSlow {
	t.Helper()
	c, err := gevent.Dial("tcp", addr)
	require.NoError(t, err)
	s := &preforkSlow{c, bufio.NewReader(c)}
	_, err = io.WriteString(c, "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	line, err := s.in.ReadString('\n') // the handler reads
	require.NoError(t, err)
	require.Contains(t, line, "100")
	_, err = s.in.ReadString('\n')
	require.NoError(t, err)
	return s
}

// finish lets the handler answer, and returns the answer.
func (s *preforkSlow) finish(t testing.TB) (pid int) {
	t.Helper()
	_, err := io.WriteString(s, "x")
	require.NoError(t, err)
	resp, err := http.ReadResponse(s.in, nil)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return got[int](t)(strconv.Atoi(string(b)))
}

// preforkGet asks once, on a connection of its own.
func preforkGet(addr string) (string, error) {
	client := &http.Client{Transport: &ghttp.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + addr)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return strings.TrimSpace(string(b)), err
}

// preforkFlag returns the name of a file, which is there or not.
func preforkFlag(t testing.TB, there bool) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "flag")
	if there {
		require.NoError(t, os.WriteFile(name, nil, 0o600))
	}
	return name
}
