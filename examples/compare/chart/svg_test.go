package chart

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

// Each result has a row, each that was not skipped a bar, and what takes longer has a longer one.
func TestSVGBars(t *testing.T) {
	r := example()
	rows := picture(t, r).all("row")
	for _, w := range r.Workloads {
		longest := map[float64]float64{}
		for _, result := range w.Results {
			row := rows[0]
			rows = rows[1:]
			require.Equal(t, label(result.Runtime), row.all("name")[0].words())
			bars := row.all("bar")
			if result.Skipped != "" {
				require.Empty(t, bars)
				continue
			}
			require.Len(t, bars, 1)
			length := bars[0].percent(t, "width")
			for ns, other := range longest {
				require.Equal(t, ns < result.NsPerOp.Median, other < length, "%v ns has %v, %v ns has %v",
					ns, other, result.NsPerOp.Median, length)
			}
			longest[result.NsPerOp.Median] = length
			whisker := row.all("whisker")[0].Nodes[0]
			require.Less(t, whisker.percent(t, "x1"), length)
			require.Greater(t, whisker.percent(t, "x2"), length)
			require.LessOrEqual(t, whisker.percent(t, "x2"), 100.0)
			require.Equal(t, duration(result.NsPerOp.Median), row.all("value")[0].words())
			require.Equal(t, ratio(result.Ratio), row.all("ratio")[0].words())
		}
	}
	require.Empty(t, rows)
}

func TestSVGText(t *testing.T) {
	svg := picture(t, example())
	require.Equal(t, `A "sum" <of> numbers & more`, svg.all("heading")[1].words())
	require.Equal(t, `python3 has "no" <gevent> & 'more' ]]> [31mred`+"\ufffd"+
		" and so on, at some length, so that it takes more than one line", svg.all("why")[0].words())
	require.Contains(t, svg.words(), "time for a pass, logarithmic axis")
	require.Contains(t, svg.words(), "time for a number <added> ")
	require.Contains(t, svg.words(), "Some <CPU> & more · 2 CPUs")
}

func TestSVGOfLittle(t *testing.T) {
	skipped := report.Result{Runtime: "gevent", Skipped: "no Python"}
	zero := report.Result{Runtime: "coroutines"} // a clock that is too coarse
	for name, r := range map[string]*report.Report{
		"nothing":     {},
		"no results":  {Workloads: []report.Workload{{Title: "A"}}},
		"all skipped": {Workloads: []report.Workload{{Results: []report.Result{skipped, skipped}}}},
		"zero":        {Workloads: []report.Workload{{Results: []report.Result{zero, skipped}}}},
		"zero, more": {Workloads: []report.Workload{{
			Results: []report.Result{zero, result("threads", 1e3, 1), result("x", 1e6, 1)},
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NotContains(t, picture(t, r).words(), "NaN")
			require.NoError(t, HTML(io.Discard, r, ""))
		})
	}
}
