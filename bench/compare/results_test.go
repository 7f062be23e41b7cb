package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const firstRun = `goos: linux
BenchmarkA/ring=2-2   	1000	       50.0 cpu-ns/op	       60.0 ns/op	       0 B/op
BenchmarkB            	1000	      100.0 cpu-ns/op	      120.0 ns/op
PASS
`

const slowerRun = `
BenchmarkA/ring=2-2   	1000	      100.0 cpu-ns/op	      100.0 ns/op
BenchmarkB            	1000	      200.0 cpu-ns/op	      900.0 ns/op
`

func TestParseLine(t *testing.T) {
	name, value, found := parseLine("BenchmarkA/ring=2-2 \t 1000\t 50.5 ns/op\t 7 B/op", "ns/op")
	require.True(t, found)
	require.Equal(t, "A/ring=2", name)
	require.InDelta(t, 50.5, value, 1e-9)
	for _, line := range []string{"", "PASS", "ok  x 1.2s 3", "BenchmarkA-2 1000 x ns/op", "BenchmarkA-2 1000 5 B/op"} {
		_, _, found := parseLine(line, "ns/op")
		require.False(t, found, line)
	}
}

func TestTableOfRatios(t *testing.T) {
	r := newResults()
	require.NoError(t, r.add(0, []byte(firstRun), "cpu-ns/op"))
	require.NoError(t, r.add(1, []byte(slowerRun), "cpu-ns/op"))
	var text strings.Builder
	require.NoError(t, r.print(&text, "A/ring=2", "cpu-ns/op"))
	lines := strings.Split(text.String(), "\n")
	require.Equal(t, strings.Fields("A/ring=2 75.0 62.5–87.5 1.000 1.000–1.000"), strings.Fields(lines[1]))
	require.Equal(t, strings.Fields("B 150.0 125.0–175.0 2.000 2.000–2.000"), strings.Fields(lines[2]))
	require.ErrorContains(t, r.print(&text, "C", "ns/op"), "no benchmark C")
}

func TestEachBenchmarkWithItsOwnBase(t *testing.T) {
	r := newResults()
	require.NoError(t, r.add(0, []byte("BenchmarkA/x 1 30 ns/op\nBenchmarkA/y/z-2 1 60 ns/op\nBenchmarkB/x 1 7 ns/op\n"), "ns/op"))
	var text strings.Builder
	require.NoError(t, r.print(&text, "/y/z", "ns/op"))
	lines := strings.Split(text.String(), "\n")
	require.Equal(t, strings.Fields("A/x 30.0 30.0–30.0 0.500 0.500–0.500"), strings.Fields(lines[1]))
	require.Equal(t, strings.Fields("A/y/z 60.0 60.0–60.0 1.000 1.000–1.000"), strings.Fields(lines[2]))
	require.Equal(t, strings.Fields("B/x 7.0 7.0–7.0 –"), strings.Fields(lines[3]))
}

func TestRunsMustBeComplete(t *testing.T) {
	r := newResults()
	require.ErrorContains(t, r.add(0, []byte("PASS\n"), "ns/op"), "no benchmark reported ns/op")
	require.NoError(t, r.add(0, []byte(firstRun), "ns/op"))
	require.ErrorContains(t, r.add(1, []byte("BenchmarkB 1 2 ns/op\n"), "ns/op"), "A/ring=2 has 1 values after 2 runs")
}
