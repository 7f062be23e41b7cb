package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/loadresult"
)

func samples(values ...float64) []sample {
	var s []sample
	for _, v := range values {
		s = append(s, sample{Value: v})
	}
	return s
}

func TestRatioIsOfTheSameRun(t *testing.T) {
	c := newComparison("µs", 64, []string{"a", "b"})
	c.Servers[0].Samples = samples(1, 2, 4)
	c.Servers[1].Samples = samples(3, 6, 12)
	c.summarize()
	require.Nil(t, c.Servers[0].Ratio)
	require.InDelta(t, 2, c.Servers[0].Summary.Median, 1e-9)
	require.InDelta(t, 3, c.Servers[1].Ratio.Min, 1e-9)
	require.InDelta(t, 3, c.Servers[1].Ratio.Max, 1e-9)
}

// An idle server may use no time at all; there is no ratio to nothing, and JSON has no infinity.
func TestNoRatioToNothing(t *testing.T) {
	c := newComparison("ms", 1000, []string{"a", "b"})
	c.Servers[0].Samples = samples(0, 1)
	c.Servers[1].Samples = samples(2, 2)
	c.summarize()
	require.Nil(t, c.Servers[1].Ratio)
	_, err := json.Marshal(c)
	require.NoError(t, err)
}

func TestTable(t *testing.T) {
	c := newComparison("µs of CPU per message", 64, []string{"a", "b"})
	seen := loadresult.Result{PerSecond: 1000, ClientCPU: 0.5, Latency: loadresult.Latency{P50: 20 * time.Microsecond, P99: time.Millisecond}}
	for i, e := range c.Servers {
		e.Samples = samples(float64(i+1), float64(i+1))
		for j := range e.Samples {
			e.Samples[j].Load, e.Samples[j].Others = &seen, 0.1
		}
	}
	c.summarize()
	var text strings.Builder
	require.NoError(t, c.print(&text))
	lines := strings.Split(text.String(), "\n")
	require.Equal(t, "µs of CPU per message, 64 connections, 2 runs each", lines[0])
	require.Equal(t, strings.Fields("a 1.000 1.000–1.000 – – 1000 20µs 1ms 50% 10%"), strings.Fields(lines[2]))
	require.Equal(t, strings.Fields("b 2.000 2.000–2.000 2.000 2.000–2.000 1000 20µs 1ms 50% 10%"), strings.Fields(lines[3]))
}

func TestOthers(t *testing.T) {
	seen := loadresult.Result{Elapsed: time.Second, ClientCPU: 0.5}
	require.InDelta(t, 0.25, others(1500*time.Millisecond, 500*time.Millisecond, seen), 1e-9)
	require.Zero(t, others(900*time.Millisecond, 500*time.Millisecond, seen))
}

func TestParseCounts(t *testing.T) {
	counts, err := parseCounts("64, 1000")
	require.NoError(t, err)
	require.Equal(t, []int{64, 1000}, counts)
	for _, bad := range []string{"", "64,", "0", "many"} {
		_, err := parseCounts(bad)
		require.Error(t, err, bad)
	}
}
