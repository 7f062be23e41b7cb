package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/loadresult"
)

// seen is what a run of a second with 1,000 requests found.
func seen(t *testing.T, server time.Duration) sample {
	t.Helper()
	s, err := newSample(loadresult.Result{
		Messages: 1000, Elapsed: time.Second, PerSecond: 1000, ClientCPU: 0.5,
		ServerCPU: server, ServerUser: server / 4,
		Latency: loadresult.Latency{P50: 20 * time.Microsecond, P99: time.Millisecond},
	}, 1500*time.Millisecond)
	require.NoError(t, err)
	return s
}

// There is no cost of no requests, and JSON has no infinity.
func TestNoSampleOfNothing(t *testing.T) {
	_, err := newSample(loadresult.Result{Elapsed: time.Second}, 0)
	require.ErrorContains(t, err, "nothing was answered")
}

func TestRatioIsOfTheSameRunAndToTheBase(t *testing.T) {
	c := newComparison(load{64, 1}, false, []program{{row: "a"}, {row: "b"}})
	for i := range 3 {
		c.Servers[0].Samples = append(c.Servers[0].Samples, seen(t, time.Duration(3*(i+1))*time.Millisecond))
		c.Servers[1].Samples = append(c.Servers[1].Samples, seen(t, time.Duration(i+1)*time.Millisecond))
	}
	c.summarize("b")
	require.Equal(t, "b", c.Base)
	require.InDelta(t, 3, c.Servers[0].Ratio.Min, 1e-9)
	require.InDelta(t, 3, c.Servers[0].Ratio.Max, 1e-9)
	require.InDelta(t, 1, c.Servers[1].Ratio.Median, 1e-9)
	c.summarize("none such")
	require.Equal(t, "a", c.Base)
	_, err := json.Marshal(c)
	require.NoError(t, err)
}

func TestTable(t *testing.T) {
	c := newComparison(load{64, 16}, false, []program{{row: "a"}, {row: "b"}})
	c.Servers[0].Samples = []sample{seen(t, 400*time.Millisecond)}
	c.Servers[1].Samples = []sample{seen(t, 800*time.Millisecond)}
	c.summarize("a")
	var text strings.Builder
	require.NoError(t, c.print(&text))
	lines := strings.Split(text.String(), "\n")
	require.Equal(t, "64 connections, 16 requests at a time, 1 runs each, ratio to a", lines[0])
	want := strings.Fields("a 400.000 400.000–400.000 1.000 1.000–1.000 25% 1000 20 1000 40% 50% 60%")
	require.Equal(t, want, strings.Fields(lines[2]))
	want = strings.Fields("b 800.000 800.000–800.000 2.000 2.000–2.000 25% 1000 20 1000 80% 50% 20%")
	require.Equal(t, want, strings.Fields(lines[3]))
}

func TestThroughputIsComparedBySeconds(t *testing.T) {
	c := newComparison(load{64, 1}, true, []program{{row: "hubs=1"}})
	c.Servers[0].Samples = []sample{seen(t, time.Second)}
	c.summarize("hubs=1")
	require.InDelta(t, 1000, c.Servers[0].Summary.Median, 1e-9)
}

func TestOptions(t *testing.T) {
	loads, err := parseLoads("64, 1000", "1,16")
	require.NoError(t, err)
	require.Equal(t, []load{{64, 1}, {1000, 1}, {64, 16}, {1000, 16}}, loads)
	for _, bad := range []string{"", "64,", "0", "many"} {
		_, err := parseLoads(bad, "1")
		require.Error(t, err, bad)
		_, err = parseLoads("1", bad)
		require.Error(t, err, bad)
	}
	chosen, err := choose("goroutines,c,c")
	require.NoError(t, err)
	require.Equal(t, []string{"goroutines", "c", "c"}, names(chosen))
	_, err = choose("c,apache")
	require.ErrorContains(t, err, `no server "apache"`)
}
