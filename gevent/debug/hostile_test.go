package debug

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// Names and reasons come from whoever the program talks to: no page of text moves a terminal's cursor or makes up a line.
func TestDebugTextIsPlain(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		const evil = "\x1b[2J\ntask 99 \xff"
		var held gevent.Lock
		holder := gevent.SpawnNamed(evil, func() error {
			require.NoError(t, held.Acquire())
			defer held.Release()
			return gevent.Sleep(time.Hour)
		})
		waiter := gevent.SpawnNamed(evil, func() error { return held.Acquire() })
		var one, two *gevent.Greenlet
		one = gevent.SpawnNamed(evil, func() error { return two.Join() })
		two = gevent.SpawnNamed(evil, func() error { return one.Join() })
		gevent.Yield()
		gevent.Yield()
		h := New(hub)
		for _, page := range []string{"tasks", "tree", "latency", "record?seconds=0.001&format=text"} {
			code, text := dbgAsk(h, page)
			require.Equal(t, 200, code)
			require.NotContains(t, text, "\x1b", page)
			require.NotContains(t, text, "\xff", page)
			require.NotContains(t, text, "\ntask 99", page)
		}
		for _, g := range []*gevent.Greenlet{waiter, holder, one, two} {
			g.Kill()
		}
	})
	require.Equal(t, `"a\x1b" (task 1)`, holder{ID: 1, Name: "a\x1b"}.String())
}

// The index is found without its slash, whatever the prefix, and never at another host.
func TestDebugIndexWithoutASlash(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		h := New(hub)
		for _, c := range []struct{ prefix, target, location string }{
			{"/debug/gevent", "/debug/gevent?sort=busy", "./gevent/?sort=busy"},
			{"/debug/gevent", "/debug/gevent/", ""},
			{"/debug/gevent/", "/debug/gevent/", ""},
			{"/", "/", ""},
			{"//other.example", "//other.example", "./other.example/"},
		} {
			r := httptest.NewRequest("GET", "http://here"+c.target, nil)
			r.RequestURI = c.target
			w := httptest.NewRecorder()
			http.StripPrefix(c.prefix, h).ServeHTTP(w, r)
			require.Equal(t, c.location, w.Header().Get("Location"), c.target)
			require.Equal(t, c.location == "", w.Code == 200, c.target)
		}
		for _, odd := range []string{"..", "a/../..", "%2e%2e/", "//", "/x//tasks", "tasks/", ".", "Tasks", "tasks%00"} {
			r := httptest.NewRequest("GET", "/", nil)
			r.URL.Path = odd
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			require.Contains(t, []int{200, 404}, w.Code, odd)
		}
	})
}

// A page of another site begins no recording; a link from there is followed.
func TestDebugOfAnotherSite(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		h := New(hub)
		for _, c := range []struct {
			site, dest string
			code       int
		}{
			{"cross-site", "image", 403}, {"cross-site", "empty", 403}, {"cross-site", "iframe", 403}, {"cross-site", "", 403},
			{"cross-site", "document", 200}, {"same-origin", "empty", 200}, {"same-site", "image", 200}, {"none", "document", 200},
			{"", "", 200},
		} {
			r := httptest.NewRequest("GET", "/record?seconds=0.001", nil)
			r.Header.Set("Sec-Fetch-Site", c.site)
			r.Header.Set("Sec-Fetch-Dest", c.dest)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			require.Equal(t, c.code, w.Code, "%v", c)
			require.Zero(t, dbgHooks())
		}
	})
}

// Fifty clients that want a recording get eight; when all have gone nothing is left, and the next one gets one.
func TestDebugManyRecordings(t *testing.T) {
	dbgAlone(t)
	b := dbgElsewhere(t)
	h := New(b.Hub)
	ctx, cancel := context.WithCancel(t.Context())
	codes := make(chan int, 50)
	for range cap(codes) {
		go func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/record?seconds=60", nil).WithContext(ctx))
			codes <- w.Code
		}()
	}
	for range cap(codes) - maxRecordings {
		require.Equal(t, http.StatusTooManyRequests, dbgReceive(t, codes))
	}
	require.Eventually(t, func() bool { return hooksOf(t, b) == maxRecordings }, dbgPatience, time.Millisecond)
	cancel()
	for range maxRecordings {
		require.Equal(t, 503, dbgReceive(t, codes))
	}
	require.Zero(t, hooksOf(t, b))
	code, _ := dbgAsk(h, "record?seconds=0.001")
	require.Equal(t, 200, code)
	b.end(t, 0)
}
