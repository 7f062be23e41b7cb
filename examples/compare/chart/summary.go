package chart

import (
	"slices"
	"strconv"

	"greenloop/examples/compare/report"
)

// A summary is the table of workloads and runtimes.
type summary struct {
	Runtimes []string
	Rows     []summaryRow
}

type summaryRow struct {
	Name, Title string
	Cells       []cell
}

// A cell is one runtime's ratio and time per operation. Its Heat is a class of the style sheet.
type cell struct{ Runtime, Ratio, Time, Heat, Why string }

func newSummary(r *report.Report) (s summary) {
	var names []string
	for _, w := range r.Workloads {
		for _, result := range w.Results {
			if !slices.Contains(names, result.Runtime) {
				names = append(names, result.Runtime)
				s.Runtimes = append(s.Runtimes, label(result.Runtime))
			}
		}
	}
	for _, w := range r.Workloads {
		line := summaryRow{Name: w.Name, Title: w.Title}
		for _, name := range names {
			line.Cells = append(line.Cells, newCell(w.Results, name))
		}
		s.Rows = append(s.Rows, line)
	}
	return s
}

func newCell(results []report.Result, name string) cell {
	c := cell{Runtime: label(name), Ratio: none, Heat: "none"}
	i := slices.IndexFunc(results, func(r report.Result) bool { return r.Runtime == name })
	switch {
	case i < 0:
		c.Why = "not measured"
	case results[i].Skipped != "":
		c.Time, c.Why = "skipped", results[i].Skipped
	default:
		c.Ratio, c.Time = ratio(results[i].Ratio), duration(results[i].NsPerOp.Median)
		c.Heat = heat(results[i].Ratio)
	}
	return c
}

// heat is the class for a ratio: from less3, a tenth of the time of coroutines, to more4, a hundred times it. It is that of
// the ratio as it is printed, so that it agrees with the legend.
func heat(ratio float64) string {
	if ratio <= 0 {
		return "none"
	}
	printed, _ := strconv.ParseFloat(rounded(ratio, 2), 64)
	for _, step := range []struct {
		below float64
		class string
	}{{0.1, "less3"}, {0.33, "less2"}, {0.9, "less1"}, {1.1, "same"}, {3, "more1"}, {10, "more2"}, {100, "more3"}} {
		if printed < step.below {
			return step.class
		}
	}
	return "more4"
}
