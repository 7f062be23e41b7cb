//go:build unix

package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/internal/teach"
)

// observed shows the lesson of that name with a timeline and pages, and returns what it prints.
func observed(t *testing.T, name, lang string) (out, dir string, n int) {
	t.Helper()
	for lessons[n].name != name {
		n++
	}
	dir = t.TempDir()
	var b bytes.Buffer
	require.NoError(t, show(&b, n, request{Request: teach.Request{Lang: lang}, trace: true, html: true, dir: dir}))
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
	require.NoError(t, show(&alone, n, request{Request: teach.Request{Lang: "en"}}))
	require.True(t, strings.HasPrefix(out, alone.String()))
	out, _, _ = observed(t, "thousands", "en")
	require.Contains(t, out, "lines more; -html shows all")
	require.Less(t, strings.Count(out, "\n"), 2*maxLines)
}
