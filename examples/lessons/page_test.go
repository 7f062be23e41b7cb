//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/internal/browser"
)

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
		require.Contains(t, got.Title, course.Text(n, lang).Title)
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
