package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/internal/browser"
)

// What is measured can be drawn, beside what is printed.
func TestDrawings(t *testing.T) {
	dir := t.TempDir()
	svg, html := filepath.Join(dir, "a.svg"), filepath.Join(dir, "a.html")
	out, errs, code := called("-quick", "-runs", "1", "-only", "ping-pong", "-on", "coroutines,goroutines", "-json",
		"-svg", svg, "-html", html)
	require.Zero(t, code, errs)
	require.Len(t, decode(t, out).Workloads, 1)
	const bars = `document.querySelectorAll(".bar").length`
	require.Equal(t, "2", browser.Open(t, svg, bars))
	require.Equal(t, "2", browser.Open(t, html, bars))
	require.Contains(t, browser.Open(t, html, `document.querySelector("code").textContent`), "go run . -quick -runs 1 ")
}

func TestDrawingsThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, args := range [][]string{
		{"-svg", filepath.Join(dir, "missing", "a.svg")},
		{"-html", filepath.Join(file, "a.html")},
		{"-html", dir},
	} {
		_, errs, code := called(args...)
		require.Equal(t, 2, code)
		require.Contains(t, errs, "director")
	}
}

// To find out whether a file can be written neither makes one nor empties one.
func TestDrawingsAreCheckedWithoutAChange(t *testing.T) {
	dir := t.TempDir()
	file, missing := filepath.Join(dir, "file"), filepath.Join(dir, "missing")
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o600))
	require.NoError(t, drawing{file: file}.check())
	require.NoError(t, drawing{file: missing}.check())
	require.NoError(t, drawing{file: os.DevNull}.check())
	require.NoFileExists(t, missing)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "old", string(text))
}
