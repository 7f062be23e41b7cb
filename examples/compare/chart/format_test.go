package chart

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

func TestDuration(t *testing.T) {
	for ns, want := range map[float64]string{
		-3: "0", 0: "0", 0.0261: "0.0261 ns", 0.3: "0.300 ns", 9.999: "10.0 ns", 151: "151 ns", 999.4: "999 ns", 999.6: "1.00 µs",
		1720: "1.72 µs", 31_400: "31.4 µs", 1e6: "1.00 ms", 2.5e9: "2.50 s", 1.2345e13: "12,345 s",
	} {
		require.Equal(t, want, duration(ns))
	}
	for ns, want := range map[float64]string{0: "0", 0.5: "0.5 ns", 100: "100 ns", 1000: "1 µs", 2500: "2.5 µs", 1e9: "1 s"} {
		require.Equal(t, want, round(ns))
	}
}

func TestRatio(t *testing.T) {
	for r, want := range map[float64]string{
		0: "–", 0.0841: "0.084×", 1: "1.0×", 11.4: "11×", 207.9: "208×", 12_345.6: "12,346×",
	} {
		require.Equal(t, want, ratio(r))
	}
	require.Equal(t, "–", count(-1))
	require.Equal(t, "1,234,567", count(1234567))
	require.Equal(t, "0 B", memory(-5))
	require.Equal(t, "3.0 MiB", memory(3<<20))
}

func TestHeat(t *testing.T) {
	for r, want := range map[float64]string{
		0: "none", 0.05: "less3", 0.1: "less2", 0.5: "less1", 0.9: "same", 1: "same", 1.1: "more1", 2.94: "more1", 2.96: "more2",
		10: "more3", 99.4: "more3", 99.6: "more4",
	} {
		require.Equal(t, want, heat(r), r)
	}
}

// Over all magnitudes, the axis has marks that differ, few enough to stand beside one another, and all bars between its
// ends.
func TestScale(t *testing.T) {
	for from := 0.01; from < 1e11; from *= 1.7 {
		for _, times := range []float64{1, 1.3, 7, 49, 51, 900, 1e5, 1e9} {
			name := fmt.Sprint(from, " ns, ", times, " times")
			s := newScale([]report.Result{result("coroutines", from, from), result("threads", from*times, from)})
			require.Equal(t, times > wide, s.log, name)
			require.Greater(t, s.at(from), 0.0, name)
			require.GreaterOrEqual(t, s.at(from*times), s.at(from), name)
			require.Less(t, s.at(from*times), 100.0, name)
			marks := s.marks()
			require.True(t, len(marks) >= 2 && len(marks) <= most+1, "%s: %v", name, marks)
			var labels []string
			for i, tick := range s.ticks() {
				labels = append(labels, tick.Label)
				require.InDelta(t, s.at(marks[i]), tick.X, 1e-9)
			}
			require.Len(t, slices.Compact(labels), len(marks), name)
		}
	}
	require.False(t, math.IsNaN(newScale(nil).at(0)))
}
