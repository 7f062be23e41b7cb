package chart

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

// around is the spread of three runs around ns.
func around(ns float64) report.Spread {
	return report.Spread{Median: ns, Min: 0.93 * ns, Max: 1.15 * ns}
}

// result is what that runtime took for 10,000 operations.
func result(runtime string, ns, coroutines float64) report.Result {
	s := around(ns / 1e5)
	return report.Result{Runtime: runtime, Size: 10_000, Operations: 10_000, NsPerOp: around(ns), Seconds: s,
		CPUSeconds: s.Median, MemoryBytes: 3 << 20, Switches: -1, OSSwitches: 12_345, Ratio: ns / coroutines}
}

// bad has what markup uses, what XML cannot have, and is long.
const bad = `python3 has "no" <gevent> & 'more' ]]> ` + "\x1b[31mred\x00 \ufffe" +
	"and so on, at some length, so that it takes more than one line"

// example is a report with a wide and a narrow range of times, a runtime that was skipped, and letters that markup uses.
func example() *report.Report {
	skipped := report.Result{Runtime: "threads", Skipped: bad}
	return &report.Report{
		Machine: report.Machine{
			OS: "linux", Arch: "amd64", CPUs: 2, Model: "Some <CPU> & more", Go: "go1.26",
			Python: "3.11.2, gevent 22.10.2", Date: "2026-11-21T20:00:00Z",
		},
		Workloads: []report.Workload{
			{
				Name: "ring", Title: "Thread ring", What: "503 members pass a token.", Unit: "a pass",
				Conclusion: "One runs at a time. What counts is the way from the one who puts to the one who waits, and with " +
					"503 stacks the caches begin to matter.",
				Results: []report.Result{
					result("coroutines", 151, 151), result("goroutines-1", 198, 151), result("goroutines", 312, 151),
					result("threads", 5210, 151), result("gevent", 1720, 151), result("threading", 31_400, 151),
				},
			}, {
				Name: "sum", Title: `A "sum" <of> numbers & more`, What: "Eight members share a sum.",
				Conclusion: "Cores win.", Unit: "a number <added>",
				Results: []report.Result{
					result("coroutines", 0.31, 0.31), result("goroutines-1", 0.312, 0.31), result("goroutines", 0.026, 0.31),
					skipped, result("gevent", 0.9, 0.31), result("my <runtime>", 1.1, 0.31),
				},
			},
		},
	}
}

// saved writes a file with write and returns its path.
func saved(t *testing.T, name string, write func(io.Writer) error) string {
	file := filepath.Join(t.TempDir(), name)
	f, err := os.Create(file)
	require.NoError(t, err)
	require.NoError(t, write(f))
	require.NoError(t, f.Close())
	return file
}

func TestWriteError(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	require.ErrorIs(t, SVG(w, example()), io.ErrClosedPipe)
	require.ErrorIs(t, HTML(w, example(), ""), io.ErrClosedPipe)
}

func TestMachine(t *testing.T) {
	require.Equal(t, "Some <CPU> & more · 2 CPUs · linux/amd64 · go1.26 · Python 3.11.2, gevent 22.10.2 · "+
		"2026-11-21 20:00 UTC", machine(example().Machine))
	require.Equal(t, "1 CPU · some day", machine(report.Machine{CPUs: 1, Date: "some day"}))
}
