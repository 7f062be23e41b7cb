package chart

import "greenloop/examples/compare/report"

// A section is what the page says about one workload.
type section struct {
	Name, Title, What, Conclusion string
	Chart                         *chart
	Rows                          []figures
}

// figures is one result as a line of the table.
type figures struct {
	Runtime, Skipped string
	Cells            []figure
}

// A figure stands below its heading or, in a narrow window, beside it, two to a line; one that is too long for that has a
// line of its own.
type figure struct{ Heading, Text string }

// Long reports whether the figure is a range.
func (f figure) Long() bool { return f.Heading == spread }

const spread = "fastest – slowest"

func newSection(w report.Workload) section {
	s := section{w.Name, w.Title, w.What, w.Conclusion, newChart(w), nil}
	for _, r := range w.Results {
		line := figures{Runtime: label(r.Runtime), Skipped: r.Skipped}
		for _, c := range columns {
			line.Cells = append(line.Cells, figure{c.heading, c.text(r)})
		}
		s.Rows = append(s.Rows, line)
	}
	return s
}

// columns are those of a section's table after the runtime's name.
var columns = []struct {
	heading string
	text    func(report.Result) string
}{
	{"size", func(r report.Result) string { return count(r.Size) }},
	{"time", func(r report.Result) string { return duration(1e9 * r.Seconds.Median) }},
	{"per operation", func(r report.Result) string { return duration(r.NsPerOp.Median) }},
	{"ratio", func(r report.Result) string { return ratio(r.Ratio) }},
	{spread, func(r report.Result) string { return duration(r.NsPerOp.Min) + " – " + duration(r.NsPerOp.Max) }},
	{"CPU time", func(r report.Result) string { return duration(1e9 * r.CPUSeconds) }},
	{"memory", func(r report.Result) string { return memory(r.MemoryBytes) }},
	{"switches", func(r report.Result) string { return count(r.Switches) }},
	{"OS switches", func(r report.Result) string { return count(r.OSSwitches) }},
}

// Headings are those of the columns.
func (section) Headings() (headings []string) {
	for _, c := range columns {
		headings = append(headings, c.heading)
	}
	return headings
}
