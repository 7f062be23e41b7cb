//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/internal/browser"
)

// observed teaches the lesson of that name with a timeline and pages, and returns what it prints.
func observed(t *testing.T, name, lang string) (out, dir string, n int) {
	t.Helper()
	for lessons[n].name != name {
		n++
	}
	dir = t.TempDir()
	var b bytes.Buffer
	require.NoError(t, teach(&b, n, request{lang: lang, trace: true, html: true, dir: dir}))
	return b.String(), dir, n
}

// A timeline tells who waits for what, at which line, and what the program says.
func TestTimelines(t *testing.T) {
	for name, wants := range map[string][]string{
		"update":   {"(hub 1 of 3)", "“1s Ann writes 150”", "waits for lock held by", "03_update.go:"},
		"greenlet": {"“cook: starts; makes dish 1 for table 4 and switches back”", "› waiter", "┃ gets control from cook"},
		"deadlock": {"(hub 1 of 2)", "(hub 2 of 2)", "waits for lock held by Bob (task 3)"},
	} {
		out, _, _ := observed(t, name, "en")
		for _, want := range wants {
			require.Contains(t, out, want)
		}
	}
	out, _, _ := observed(t, "update", "zh")
	require.Contains(t, out, "调度器做了什么（第 1 个 hub，共 3 个）")
}

// A lesson prints the same whether it is watched or not, and a long timeline is cut.
func TestWatchingChangesNothing(t *testing.T) {
	out, _, n := observed(t, "queue", "en")
	var alone bytes.Buffer
	require.NoError(t, teach(&alone, n, request{lang: "en"}))
	require.True(t, strings.HasPrefix(out, alone.String()))
	out, _, _ = observed(t, "thousands", "en")
	require.Contains(t, out, "lines more; -html shows all")
	require.Less(t, strings.Count(out, "\n"), 2*maxLines)
}

// The pages open in a browser, and have the steps that the log has.
func TestPagesOpen(t *testing.T) {
	for name, lang := range map[string]string{"update": "en", "deadlock": "zh", "thousands": "en"} {
		out, dir, n := observed(t, name, lang)
		files, err := filepath.Glob(filepath.Join(dir, "*.html"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for i, file := range files {
			require.Equal(t, fmt.Sprintf("lesson-%02d-%d.html", n+1, i+1), filepath.Base(file))
			require.Contains(t, out, "file://"+file)
		}
		var got struct {
			Steps, Last int
			Title       string
		}
		answer := browser.Open(t, files[0], `(() => { replay.go(replay.steps);
			return {steps: replay.steps, last: replay.state().step, title: document.title}; })()`)
		require.NoError(t, json.Unmarshal([]byte(answer), &got))
		require.Positive(t, got.Steps)
		require.Equal(t, got.Steps, got.Last)
		require.Contains(t, got.Title, textOf(n, lang).title)
	}
}

// At each note of a lesson the page shows the line of the lesson that says so, and at each switch by hand the one at which
// the greenlet goes on.
func TestPagesShowTheLessonsLines(t *testing.T) {
	_, dir, _ := observed(t, "greenlet", "en")
	answer := browser.Open(t, filepath.Join(dir, "lesson-07-1.html"), `(async () => {
		const shown = [];
		for (let n = 1; n <= replay.steps; n++) {
			replay.go(n);
			await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
			const [what, place, line] = ["#what", "#code .place", "#code .present"].map(s => document.querySelector(s));
			shown.push([what, place, line].map(e => e?.textContent).join(" | "));
		}
		return shown;
	})()`)
	var shown []string
	require.NoError(t, json.Unmarshal([]byte(answer), &shown))
	said, passed := 0, 0
	for _, s := range shown {
		switch {
		case strings.Contains(s, " notes: "):
			said++
			require.Regexp(t, `07_greenlet\.go:\d+ it notes here .*s\.say\("`, s)
		case strings.Contains(s, "control passes: "):
			passed++
			require.Regexp(t, `07_greenlet\.go:\d+ (control goes on here .*\.Switch\(|a raw greenlet starts, about here .*s\.say\(")`, s)
		}
	}
	require.Equal(t, 10, said)
	require.Equal(t, 8, passed)
}
