package debug

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/sched/eventlog"
)

// What is recorded is what happened meanwhile.
func TestDebugRecordingTells(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		h := New(hub)
		ticker := gevent.SpawnNamed("ticker", func() error {
			for {
				if err := gevent.Sleep(time.Millisecond); err != nil {
					return err
				}
			}
		})
		s := &session{view: h.views[0], patience: dbgPatience}
		log, err := s.record(t.Context(), 50*time.Millisecond, true)
		require.NoError(t, err)
		r := log.Recording()
		require.Zero(t, dbgHooks())
		parks := 0
		for _, e := range r.Events {
			if e.Kind == eventlog.Park && e.Task == ticker.ID() {
				parks++
			}
		}
		require.NotZero(t, parks)
		ticker.Kill()
	})
}

// Two recordings at once, one of which ends first, leave no hooks.
func TestDebugTwoRecordingsAtOnce(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		dbgServe(t, New(hub), func(url string) {
			ask := func(page string) *gevent.Greenlet {
				return gevent.Spawn(func() error {
					code, _, body := dbgGet(t, url+"/"+page)
					require.Equal(t, 200, code)
					require.NotEmpty(t, body)
					return nil
				})
			}
			require.NoError(t, gevent.JoinAll(ask("record?seconds=0.05"), ask("record?seconds=0.1&lines=1&format=text")))
			require.Zero(t, dbgHooks())
		})
	})
}

// A client that goes away in the middle ends the recording on the hub that serves it.
func TestDebugRecordingWhoseClientIsGone(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		dbgServe(t, New(hub), func(url string) {
			c, err := gevent.Dial("tcp", url[len("http://"):])
			require.NoError(t, err)
			_, err = io.WriteString(c, "GET /record?seconds=60 HTTP/1.1\r\nHost: a\r\n\r\n")
			require.NoError(t, err)
			dbgUntilHooks(t, 1)
			require.NoError(t, c.Close())
			dbgUntilHooks(t, 0)
		})
	})
}

// dbgUntilHooks lets the others run until there are so many hooks.
func dbgUntilHooks(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(dbgPatience); dbgHooks() != n; {
		require.False(t, time.Now().After(end), "%d hooks", dbgHooks())
		require.NoError(t, gevent.Sleep(100*time.Microsecond))
	}
}

// A greenlet that is killed, thrown at or timed out in the middle leaves nothing, on its own hub and on another.
func TestDebugRecordingIsEnded(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		own, other := New(hub), New(b.Hub)
		for _, end := range []func(*gevent.Greenlet){
			func(g *gevent.Greenlet) { g.Kill() },
			func(g *gevent.Greenlet) { g.Throw(io.ErrUnexpectedEOF) },
		} {
			code := 0
			g := gevent.Spawn(func() error { code, _ = dbgAsk(own, "record?seconds=60"); return nil })
			dbgUntilHooks(t, 1)
			end(g)
			require.NoError(t, g.Join())
			require.Zero(t, dbgHooks())
			require.Contains(t, []int{0, 503}, code)
			g = gevent.Spawn(func() error { code, _ = dbgAsk(other, "record?seconds=60"); return nil })
			for hooksOf(t, b) != 1 {
				gevent.Yield()
			}
			end(g)
			require.NoError(t, g.Join())
			require.Zero(t, hooksOf(t, b))
		}
		g := gevent.Spawn(func() error { dbgAsk(other, "record?seconds=60"); return nil })
		g.Kill() // before it started
		require.Zero(t, hooksOf(t, b))
	})
	b.end(t, 0)
}

func hooksOf(t *testing.T, b *dbgHub) int {
	t.Helper()
	var n gevent.SharedResult[int]
	require.True(t, b.Post(func() { n.Set(dbgHooks()) }))
	hooks, err := n.Get()
	require.NoError(t, err)
	return hooks
}

// A client of net/http that goes away, and a hub that ends meanwhile.
func TestDebugRecordingByNetHTTP(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	server := httptest.NewServer(New(b.Hub))
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		r, _ := http.NewRequestWithContext(ctx, "GET", server.URL+"/record?seconds=60", nil)
		_, err := http.DefaultClient.Do(r)
		gone <- err
	}()
	require.Eventually(t, func() bool { return hooksOf(t, b) == 1 }, dbgPatience, time.Millisecond)
	cancel()
	require.ErrorIs(t, dbgReceive(t, gone), context.Canceled)
	require.Eventually(t, func() bool { return hooksOf(t, b) == 0 }, dbgPatience, time.Millisecond)
	code := make(chan int, 1)
	go func() { c, _ := dbgAsk(New(b.Hub), "record?seconds=1"); code <- c }()
	require.Eventually(t, func() bool { return hooksOf(t, b) == 1 }, dbgPatience, time.Millisecond)
	b.end(t, 1)
	require.Equal(t, 410, dbgReceive(t, code))
	server.Close()
	http.DefaultClient.CloseIdleConnections()
}

func TestDebugRecordingOfAnIdleHub(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	s := &session{view: New(b.Hub).views[0], patience: dbgPatience}
	log, err := s.record(t.Context(), time.Nanosecond, false)
	require.NoError(t, err)
	r := log.Recording()
	for _, f := range formats {
		text, err := f.bytes(r)
		require.NoError(t, err)
		require.False(t, bytes.HasPrefix(text, []byte("\x00")))
	}
	b.end(t, 0)
}
