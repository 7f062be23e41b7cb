package debug_test // so that its lines are a user's

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/debug"
	"greenloop/internal/browser"
)

func get(h *debug.Handler, target string) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/"+target, nil))
	return w.Body.String()
}

// A stillClock is moved by the test alone.
type stillClock struct{ now time.Duration }

func (c *stillClock) Now() time.Duration { return c.now }

// show runs use in a hub in which two greenlets wait for each other's lock, and one kept the CPU for 7 ms.
func show(t *testing.T, use func(h *debug.Handler)) {
	t.Helper()
	clock := new(stillClock)
	require.NoError(t, gevent.RunConfig(gevent.Config{Clock: clock, Sites: true, Watchdog: -1}, func() error {
		h := debug.New(gevent.GetHub())
		h.Track()
		locks := [2]gevent.Lock{}
		var pair []*gevent.Greenlet
		for i, name := range []string{"left", "right"} {
			pair = append(pair, gevent.SpawnNamed(name, func() error {
				require.NoError(t, locks[i].Acquire())
				defer locks[i].Release()
				gevent.Yield()
				return locks[1-i].Acquire()
			}))
		}
		hog := gevent.SpawnNamed("<b>hog</b>", func() error {
			clock.now += 7 * time.Millisecond
			gevent.Yield()
			return gevent.Sleep(time.Hour)
		})
		gevent.Yield()
		gevent.Yield()
		use(h)
		for _, g := range append(pair, hog) {
			g.Kill()
		}
		return nil
	}))
}

// The longest run is told with the line at which it ended, and greenlets that wait for each other are told as a cycle.
func TestShowTellsWhereAndWho(t *testing.T) {
	show(t, func(h *debug.Handler) {
		text := get(h, "latency")
		require.Regexp(t, `7ms <b>hog</b> \(task 4\), up to .*show_test\.go:\d+ \(greenloop/gevent/debug_test\.show\.func`, text)
		const cycle = "left (task 2) → right (task 3) → left (task 2)"
		require.Contains(t, get(h, "tasks"), "cycle: "+cycle)
		require.Contains(t, get(h, "tree"), "cycle: "+cycle)
		require.Contains(t, get(h, ""), "<strong>They wait for each other:</strong> "+cycle)
	})
}

// What the JSON has is what is written here.
func TestShowSchemas(t *testing.T) {
	keys := func(v any) (names []string) {
		for name := range v.(map[string]any) {
			names = append(names, name)
		}
		return names
	}
	show(t, func(h *debug.Handler) {
		read := func(target string) (v map[string]any) {
			require.NoError(t, json.Unmarshal([]byte(get(h, target)), &v), target)
			return v
		}
		tasks := read("tasks?format=json&sort=holders")
		require.ElementsMatch(t, []string{"hub", "tracked_ns", "cycles", "tasks"}, keys(tasks))
		require.Equal(t, []any{[]any{2.0, 3.0}}, tasks["cycles"])
		rows := tasks["tasks"].([]any)
		require.Len(t, rows, 4)
		times := []string{"since_ns", "busy_ns", "waiting_ns", "ready_ns", "longest_run_ns", "switches"}
		require.ElementsMatch(t, append(times, "id", "name", "state", "waits_for", "holders", "site", "parent"), keys(rows[0]))
		require.Equal(t, []any{map[string]any{"id": 3.0, "name": "right", "state": "parked"}}, rows[0].(map[string]any)["holders"])
		soonest := read("tasks?format=json&sort=until")["tasks"].([]any)[0].(map[string]any)
		require.Equal(t, "<b>hog</b>", soonest["name"])
		require.InDelta(t, float64(time.Hour), soonest["until_ns"], 0)
		require.InDelta(t, float64(7*time.Millisecond), soonest["busy_ns"], 0)

		latency := read("latency?format=json")
		require.ElementsMatch(t, []string{"hub", "tracked_ns", "ready_to_running", "runs"}, keys(latency))
		for _, part := range []string{"ready_to_running", "runs"} {
			require.ElementsMatch(t, []string{"count", "sum_ns", "max_ns", "buckets", "longest"}, keys(latency[part]))
		}
		runs := latency["runs"].(map[string]any)
		require.ElementsMatch(t, []string{"below_ns", "count"}, keys(runs["buckets"].([]any)[0]))
		longest := runs["longest"].([]any)[0]
		require.ElementsMatch(t, []string{"for_ns", "ago_ns", "task", "name", "function", "line", "site"}, keys(longest))

		vars := read("vars")
		require.ElementsMatch(t, []string{
			"hub", "at_unix_ns", "tasks", "ready", "timers", "waiting_for_io", "spawned", "switches", "polls", "posts", "tracked",
		}, keys(vars))
		usage := vars["tracked"]
		require.ElementsMatch(t, []string{"for_ns", "busy_ns", "idle_ns", "loop_ns", "ready_to_running", "runs"}, keys(usage))
	})
}

// Each way to sort is a link of the index, and works in each format.
func TestShowSorts(t *testing.T) {
	show(t, func(h *debug.Handler) {
		for _, order := range []string{
			"id", "name", "state", "waits", "since", "until", "holders", "busy", "waiting", "ready", "longest", "switches",
			"parent", "site",
		} {
			page := get(h, "?sort="+order)
			require.Equal(t, order != "parent", strings.Contains(page, `&amp;sort=`+order+`" aria-current="true"`), order)
			require.Contains(t, get(h, "tasks?sort="+order), "hog")
			require.Contains(t, get(h, "tasks?format=json&sort="+order), "hog")
		}
		require.Regexp(t, `(?s)longest.*\n4 +<b>hog`, get(h, "tasks?sort=longest"))
	})
}

// The index is a sound page for a browser, whatever greenlets are called.
func TestShowInABrowser(t *testing.T) {
	file := filepath.Join(t.TempDir(), "index.html")
	show(t, func(h *debug.Handler) {
		require.NoError(t, os.WriteFile(file, []byte(get(h, "?sort=busy")), 0o600))
	})
	const want = `{"rows": 4, "first": "<b>hog</b>", "bold": 0, "scripts": 0, "bars": true, "narrow": true, "site": true}`
	require.JSONEq(t, want, browser.Open(t, file, `{
		rows: document.querySelectorAll(".tasks tbody tr").length,
		first: document.querySelector(".tasks tbody .name").textContent,
		bold: document.querySelectorAll("b").length,
		scripts: document.scripts.length,
		bars: document.querySelectorAll(".bar").length > 0,
		site: document.querySelector(".tasks td.site").getBoundingClientRect().right <= innerWidth,
		narrow: document.documentElement.scrollWidth <= innerWidth,
	}`))
}
