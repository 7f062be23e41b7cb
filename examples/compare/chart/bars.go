package chart

import (
	"strings"

	"greenloop/examples/compare/report"
)

// A chart has one row per result. X coordinates are percentages of its width, Y coordinates are pixels.
type chart struct {
	Title  string
	Unit   string
	Log    bool
	Ticks  []tick
	Rows   []row
	AxisY  int
	Height int
}

// A row is a line of text and, below it, a bar or the reason why there is none.
type row struct {
	Y             int
	Family        string
	Name          string
	Value, Ratio  string
	Bar, Min, Max float64
	Why           []string // lines
}

const (
	headHeight = 24
	barRow     = 42
	whyRow     = 28 // and whyLine for each line
	whyLine    = 16
	axisHeight = 24
)

func newChart(w report.Workload) *chart {
	s := newScale(w.Results)
	c := &chart{Title: w.Title, Unit: w.Unit, Log: s.log, Ticks: s.ticks()}
	y := headHeight
	for _, r := range w.Results {
		bar := row{Y: y, Family: family(r.Runtime), Name: label(r.Runtime)}
		if r.Skipped != "" {
			bar.Why = wrap(r.Skipped, 46)
			c.Rows = append(c.Rows, bar)
			y += whyRow + whyLine*len(bar.Why)
			continue
		}
		bar.Value, bar.Ratio = duration(r.NsPerOp.Median), ratio(r.Ratio)
		bar.Bar, bar.Min, bar.Max = s.at(r.NsPerOp.Median), s.at(r.NsPerOp.Min), s.at(r.NsPerOp.Max)
		c.Rows = append(c.Rows, bar)
		y += barRow
	}
	c.AxisY, c.Height = y, y+axisHeight
	return c
}

// wrap breaks text into lines of at most width letters, at its spaces; a longer word has a line of its own.
func wrap(text string, width int) (lines []string) {
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last < 0 || len([]rune(lines[last]))+1+len([]rune(word)) > width {
			lines = append(lines, word)
		} else {
			lines[last] += " " + word
		}
	}
	return lines
}
