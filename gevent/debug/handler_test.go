package debug

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// All pages, served by the hub that they show, to a client on the same thread.
func TestDebugPagesOfTheOwnHub(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{Sites: true}, func(hub *gevent.Hub) {
		var gate gevent.Event
		sleeper := gevent.SpawnNamed("sleeper", gate.Wait)
		mux := http.NewServeMux()
		h := New(hub)
		mux.Handle("/deep/down/", h)
		mux.Handle("/bare/", http.StripPrefix("/bare", h))
		dbgServe(t, mux, func(url string) {
			for _, prefix := range []string{"/deep/down/", "/bare/"} {
				for _, c := range []struct{ page, kind, want string }{
					{"", "text/html; charset=utf-8", "sleeper"},
					{"?sort=busy", "text/html; charset=utf-8", "<h2>Tasks</h2>"},
					{"tasks", textKind, "sleeper"},
					{"tasks?format=json&hub=0", jsonKind, `"name": "sleeper"`},
					{"tree", textKind, `"sleeper" parked on event`},
					{"tree?stacks=1", textKind, "(*Event).Wait"},
					{"latency", textKind, "From ready to running"},
					{"latency?format=json", jsonKind, `"buckets"`},
					{"record?seconds=0.01", "text/html; charset=utf-8", "<"},
					{"record?seconds=0.01&format=text&lines=1", textKind, "waits"},
					{"vars", jsonKind, `"spawned"`},
					{"stacks", textKind, "goroutine "},
				} {
					code, header, body := dbgGet(t, url+prefix+c.page)
					require.Equal(t, 200, code, c.page+": "+body)
					require.Equal(t, c.kind, header.Get("Content-Type"), c.page)
					require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
					require.Equal(t, "no-store", header.Get("Cache-Control"))
					dbgContains(t, body, c.want)
				}
			}
			_, header, _ := dbgGet(t, url+"/bare/record?seconds=0.01&format=trace")
			require.Equal(t, "attachment; filename=recording.json", header.Get("Content-Disposition"))
		})
		gate.Set()
		require.NoError(t, sleeper.Join())
	})
}

func TestDebugRefusesWithWhatIsAllowed(t *testing.T) {
	dbgAlone(t)
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		h := New(hub)
		for _, c := range []struct {
			target string
			code   int
			want   string
		}{
			{"tasks?sort=x", 400, "sort is one of id, name, state"},
			{"tasks?format=html", 400, "format is one of text, json; text if it is not given"},
			{"?sort=<b>", 400, "sort is one of id"},
			{"tree?stacks=yes", 400, "stacks is one of 0, 1"},
			{"record?seconds=0", 400, "seconds is a number above 0 and up to 60; 1 if it is not given"},
			{"record?seconds=61", 400, "seconds is"},
			{"record?seconds=NaN", 400, "seconds is"},
			{"record?seconds=-1", 400, "seconds is"},
			{"record?seconds=1s", 400, "seconds is"},
			{"record?format=gif", 400, "format is one of html, trace, text"},
			{"record?lines=2", 400, "lines is one of 0, 1"},
			{"vars?format=json", 400, `unknown parameter "format"; allowed here: hub`},
			{"tasks?hub=1", 400, "hub is a number from 0 to 0"},
			{"tasks?hub=-1", 400, "hub is"},
			{"tasks?hub=x", 400, "hub is"},
			{"tasks?sort=id&sort=name", 400, "sort is given 2 times"},
			{"tasks?%zz", 400, "the query cannot be read"},
			{"nothing", 404, "there are tasks, tree, latency"},
		} {
			code, body := dbgAsk(h, c.target)
			require.Equal(t, c.code, code, c.target)
			dbgContains(t, body, c.want)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/tasks", nil))
		require.Equal(t, http.StatusMethodNotAllowed, w.Code)
		require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		require.Zero(t, dbgHooks(), "nobody has looked yet")
		for _, page := range []string{"/", "/tasks", "/record?seconds=60"} { // HEAD does not record
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("HEAD", page, nil))
			require.Equal(t, 200, w.Code)
			require.Zero(t, w.Body.Len())
			require.NotEmpty(t, w.Header().Get("Content-Type"))
		}
	})
}

func TestDebugMisuse(t *testing.T) {
	require.PanicsWithValue(t, "debug: New without a hub; inside gevent.Run, gevent.GetHub returns it", func() { New() })
	require.PanicsWithValue(t, "debug: New of a nil hub; gevent.GetHub returns nil outside gevent.Run", func() {
		New(gevent.GetHub())
	})
}

// Two hubs, asked by goroutines through net/http, and by greenlets of a third hub and of each other, all at once.
func TestDebugFromElsewhere(t *testing.T) {
	dbgAlone(t)
	a, b := dbgElsewhere(t), dbgElsewhere(t)
	h := New(a.Hub, b.Hub)
	server := httptest.NewServer(h)
	pages := []string{"", "tasks?format=json", "tree?stacks=1", "latency", "vars", "record?seconds=0.02&format=text", "stacks"}
	hubs := []string{"hub=0", "hub=1"}
	join := func(page, hub string) string {
		if strings.Contains(page, "?") {
			return page + "&" + hub
		}
		return page + "?" + hub
	}
	var all sync.WaitGroup
	for _, hub := range hubs {
		for _, page := range pages {
			all.Go(func() {
				resp, err := http.Get(server.URL + "/" + join(page, hub))
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				if resp.StatusCode != 200 {
					t.Error(page, resp.Status)
				}
			})
		}
	}
	dbgRun(t, gevent.Config{}, func(*gevent.Hub) { // the third hub
		var greenlets []*gevent.Greenlet
		for _, hub := range hubs {
			for _, page := range pages {
				greenlets = append(greenlets, gevent.Spawn(func() error {
					code, body := dbgAsk(h, join(page, hub))
					require.Equal(t, 200, code, body)
					return nil
				}))
			}
		}
		require.NoError(t, gevent.JoinAll(greenlets...))
	})
	across := make(chan int, 2)
	require.True(t, a.Post(func() { code, _ := dbgAsk(h, "tasks?hub=1"); across <- code }))
	require.True(t, b.Post(func() { code, _ := dbgAsk(h, "tasks?hub=0"); across <- code }))
	require.Equal(t, 200, dbgReceive(t, across))
	require.Equal(t, 200, dbgReceive(t, across))
	all.Wait()
	server.Close()
	http.DefaultClient.CloseIdleConnections()
	_, body := dbgAsk(h, "?hub=1")
	dbgContains(t, body, `<a href="?hub=0&amp;sort=id">hub 0</a>`, `<a href="?hub=1&amp;sort=id" aria-current="page">hub 1</a>`)
	a.end(t, 1)
	b.end(t, 1)
}

// Names are the program's own and may hold anything.
func TestDebugNamesAreEscaped(t *testing.T) {
	dbgAlone(t)
	const bad = "<script>alert(1)</script>\n\"'&\u2028\x1b[31m"
	dbgRun(t, gevent.Config{}, func(hub *gevent.Hub) {
		var gate gevent.Event
		g := gevent.SpawnNamed(bad, gate.Wait)
		waiter := gevent.Spawn(func() error { return g.Join() })
		gevent.Yield()
		h := New(hub)
		_, page := dbgAsk(h, "")
		require.NotContains(t, page, "<script")
		dbgContains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;")
		_, text := dbgAsk(h, "tasks")
		dbgContains(t, text, `"<script>alert(1)</script>\n\"'&\u2028\x1b[31m"`)
		require.NotContains(t, text, "\x1b")
		_, text = dbgAsk(h, "tasks?format=json")
		var all table
		require.NoError(t, json.Unmarshal([]byte(text), &all))
		require.Equal(t, bad, all.Tasks[1].Name)
		_, text = dbgAsk(h, "latency")
		require.NotContains(t, text, "\x1b")
		gate.Set()
		require.NoError(t, gevent.JoinAll(g, waiter))
	})
}
