package debug

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// block keeps the hub's thread until release is called; when it returns, the thread is blocked.
func (h *dbgHub) block(t *testing.T) (release func()) {
	t.Helper()
	gate, inside := make(chan struct{}), make(chan struct{})
	require.True(t, h.Post(func() {
		gevent.SpawnNamed("culprit", func() error {
			close(inside)
			<-gate
			return nil
		})
	}))
	dbgReceive(t, inside)
	require.Eventually(t, func() bool {
		found := h.Blocked()
		return found != nil && found.State == "chan receive"
	}, dbgPatience, time.Millisecond)
	return func() { close(gate) }
}

// A blocked hub is answered for with 503, which says who blocks it; who asks in another hub blocks nobody there.
func TestDebugBlockedHub(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	h := New(b.Hub)
	h.patience = 50 * time.Millisecond
	release := b.block(t)
	check := func(code int, body string) {
		require.Equal(t, 503, code, body)
		dbgContains(t, body, "hub 0 does not answer", "kept now by culprit (task ", "(chan receive)", "busy_test.go")
		dbgContains(t, body, "a Go channel stops the thread")
	}
	for _, page := range []string{"", "tasks", "tree?stacks=1", "latency?format=json", "vars", "record?seconds=0.01"} {
		code, body := dbgAsk(h, page)
		check(code, body)
		require.True(t, strings.HasSuffix(body, "stacks\n"))
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/a/b/", nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	h.ServeHTTP(w, r)
	require.Equal(t, 503, w.Code)
	dbgContains(t, w.Body.String(), `<a href="stacks">`, "culprit")
	code, body := dbgAsk(h, "stacks")
	require.Equal(t, 200, code)
	dbgContains(t, body, "chan receive")
	dbgRun(t, gevent.Config{}, func(*gevent.Hub) {
		h.patience = dbgPatience
		var turns gevent.Event
		asking := gevent.Spawn(func() error {
			code, _ := dbgAsk(h, "tasks")
			require.Equal(t, 200, code, "it came when the hub went on")
			return nil
		})
		other := gevent.Spawn(func() error { turns.Set(); return nil })
		require.NoError(t, turns.Wait())
		require.NoError(t, other.Join())
		release()
		require.NoError(t, asking.Join())
	})
	code, body = dbgAsk(h, "tasks")
	require.Equal(t, 200, code)
	require.NotContains(t, body, "culprit")
	b.end(t, 1)
}

// What nobody waits for any more is not done when the hub goes on: a recording that was given up leaves no hooks.
func TestDebugGivenUpWhileBlocked(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	h := New(b.Hub)
	release := b.block(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/record?seconds=60", nil).WithContext(ctx))
	require.Equal(t, 503, w.Code)
	h.patience = time.Millisecond
	for _, page := range []string{"record?seconds=60", "tasks"} {
		code, _ := dbgAsk(h, page)
		require.Equal(t, 503, code)
	}
	release()
	b.end(t, 0)
}

func TestDebugEndedHub(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	h := New(b.Hub)
	name := dbgName()
	h.Publish(name)
	h.Track()
	code, _ := dbgAsk(h, "tasks")
	require.Equal(t, 200, code)
	b.end(t, 1)
	for _, page := range []string{"", "tasks", "tree", "latency", "record", "vars"} {
		code, body := dbgAsk(h, page)
		require.Equal(t, 410, code)
		require.Equal(t, "the hub has ended\n", body)
	}
	code, _ = dbgAsk(h, "stacks")
	require.Equal(t, 200, code)
	h.Track()
	require.Nil(t, b.Blocked())
	f := dbgPublished(t, name)[0]
	require.Equal(t, "the hub has ended", f["error"])
	require.NotZero(t, f["spawned"], "the last that were known")
}

var dbgNames atomic.Int64

// dbgName returns a name for expvar, which takes each once in a process.
func dbgName() string { return fmt.Sprint("debug test ", dbgNames.Add(1)) }

func dbgPublished(t *testing.T, name string) (all []map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(expvar.Get(name).String()), &all))
	require.NotEmpty(t, all)
	return all
}

// The published figures are there for the hub itself, for goroutines, and for greenlets of other hubs, also while the
// hub is blocked: nobody waits for it for long.
func TestDebugPublish(t *testing.T) {
	dbgAlone(t)
	a, b := dbgElsewhere(t), dbgElsewhere(t)
	name := dbgName()
	New(a.Hub, b.Hub).Publish(name)
	require.Eventually(t, func() bool {
		all := dbgPublished(t, name)
		return all[0]["error"] == nil && all[1]["error"] == nil
	}, dbgPatience, time.Millisecond)
	require.InDelta(t, 1, dbgPublished(t, name)[1]["hub"], 0)
	onHub := make(chan []map[string]any, 1)
	require.True(t, a.Post(func() { onHub <- dbgPublished(t, name) }))
	require.InDelta(t, 2, dbgReceive(t, onHub)[0]["tasks"], 0, "main, and the post that reads it")
	release := b.block(t)
	for range 3 {
		require.Len(t, dbgPublished(t, name), 2)
	}
	require.True(t, a.Post(func() { onHub <- dbgPublished(t, name) }))
	require.Len(t, dbgReceive(t, onHub), 2)
	release()
	a.end(t, 0)
	b.end(t, 0)
}

// Blocked says who has the thread at this moment.
func TestDebugBlockedOfAHub(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	own := make(chan *gevent.Blocked, 1)
	require.True(t, b.Post(func() { own <- b.Blocked() }))
	require.Nil(t, dbgReceive(t, own), "on its own thread")
	release := b.block(t)
	found := b.Blocked()
	require.NotNil(t, found)
	require.Contains(t, found.Greenlet, "culprit (task ")
	require.Equal(t, "chan receive", found.State)
	require.Contains(t, found.Function, "block")
	require.Zero(t, found.For)
	release()
	require.Eventually(t, func() bool { return b.Blocked() == nil }, dbgPatience, time.Millisecond, "it waits")
	b.end(t, 0)
}
