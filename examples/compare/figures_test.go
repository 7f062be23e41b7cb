package main

import (
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

func TestFigures(t *testing.T) {
	for ns, want := range map[float64]string{
		0.2716: "0.272 ns", 0.0305: "0.0305 ns", 9.999: "10.0 ns", 999.6: "1.00 µs", 999.6e6: "1.00 s",
		54.27: "54.3 ns", 999.4: "999 ns", 1230: "1.23 µs", 45.6e6: "45.6 ms", 12.3e9: "12.3 s", 0: "0 ns",
	} {
		require.Equal(t, want, duration(ns))
	}
	for n, want := range map[int64]string{-1: "–", 0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, count(n))
	}
	for n, want := range map[int64]string{0: "0 KiB", 1536: "1.50 KiB", 3 << 20: "3.00 MiB", 5 << 30: "5.00 GiB"} {
		require.Equal(t, want, bytesOf(n))
	}
	require.Equal(t, "0.560×", ratio(report.Result{Ratio: 0.56}))
	require.Equal(t, "–", ratio(report.Result{}))
	require.Equal(t, "–", ratio(report.Result{Ratio: 1, Skipped: "no Python"}))
}

// For two primes, 2 goes to the end, and 3 to the filter of 2 and on to the end.
func TestSwitchesOfTheSieve(t *testing.T) {
	_, handovers := sift(2)
	require.EqualValues(t, 3, handovers)
	l := &lab{options: &options{}, idle: map[string]int64{}}
	for name, each := range map[string]int64{"coroutines": 2, "goroutines": 1, "threads": 1, "gevent": 2, "threading": 1} {
		c := contenders[slices.IndexFunc(contenders, func(c contender) bool { return c.name == name })]
		r := l.result(&sieve, c, []sample{{Seconds: 1}})
		require.Equal(t, each*r.Operations, r.Switches, name)
	}
}

func TestColumns(t *testing.T) {
	require.Equal(t, "who  size   µs\na       1  2.5\nb    skipped: why\n", columns([][]string{
		{"who", "size", "µs"}, {"a", "1", "2.5"}, {"b", "skipped: why"},
	}, wide))
	require.Equal(t, "who  size\na       1\nb    skipped: why\n\nwho   µs\na    2.5\n", columns([][]string{
		{"who", "size", "µs"}, {"a", "1", "2.5"}, {"b", "skipped: why"},
	}, 11), "in a narrow terminal")
}

func TestResultsAreOverTheRuns(t *testing.T) {
	l := &lab{options: &options{quick: true, contenders: contenders}, idle: map[string]int64{"coroutines": 1000}}
	r := l.result(&ring, contenders[0], []sample{
		{Seconds: 3, CPU: 1, Memory: 5000, OSSwitches: 7, Switches: 100},
		{Seconds: 1, CPU: 3, Memory: 500, OSSwitches: 9, Switches: 102},
		{Seconds: 2, CPU: 2, Memory: 3000, OSSwitches: 8, Switches: 101},
	})
	require.Equal(t, report.Result{
		Runtime: "coroutines", Size: 50_000, Operations: 50_000, CPUSeconds: 2, MemoryBytes: 2000, Switches: 101, OSSwitches: 8,
		Seconds: report.Spread{Median: 2, Min: 1, Max: 3}, NsPerOp: report.Spread{Median: 40_000, Min: 20_000, Max: 60_000},
	}, r)
}

// The time of those that sleep is what they have worked.
func TestTimeOfSleepersIsCPUTime(t *testing.T) {
	o, err := parse([]string{"-quick"}, io.Discard)
	require.NoError(t, err)
	l, err := newLab(o, newProgress(io.Discard))
	require.NoError(t, err)
	defer l.close()
	s, err := l.sample(t.Context(), &sleepers, contenders[0], 10)
	require.NoError(t, err)
	require.Positive(t, s.CPU)
	require.Equal(t, s.CPU, s.Seconds)
}
