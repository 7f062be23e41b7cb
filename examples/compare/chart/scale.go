package chart

import (
	"math"

	"greenloop/examples/compare/report"
)

// A scale turns a time in nanoseconds into a percentage of the chart's width.
type scale struct {
	log      bool
	from, to float64 // the times at 0 and 100 percent
}

// wide is how many times the shortest median the longest is before a bar of it would hide the others.
const wide = 50

func newScale(results []report.Result) scale {
	least, most, low, high := math.Inf(1), 0.0, math.Inf(1), 0.0
	for _, r := range results {
		if t := r.NsPerOp; r.Skipped == "" && t.Median > 0 {
			least, most = min(least, t.Median), max(most, t.Median)
			high = max(high, t.Max, t.Median)
			low = min(low, t.Median)
			if t.Min > 0 {
				low = min(low, t.Min)
			}
		}
	}
	switch {
	case most == 0: // nothing ran
		return scale{to: 1}
	case most/least > wide:
		return scale{log: true, from: low / 2, to: high * 1.1} // half, so that the shortest bar can be seen
	}
	return scale{to: high * 1.02}
}

func (s scale) at(ns float64) float64 {
	share := ns / s.to
	if s.log {
		share = math.Log(max(ns, s.from)/s.from) / math.Log(s.to/s.from)
	}
	return math.Round(1e4*min(max(share, 0), 1)) / 100
}

// A tick is a place on the axis; its label is set around it, or inward at the ends.
type tick struct {
	X             float64
	Label, Anchor string
}

func (s scale) ticks() (ticks []tick) {
	for _, ns := range s.marks() {
		t := tick{X: s.at(ns), Label: round(ns), Anchor: "middle"}
		if t.X < 4 {
			t.Anchor = "start"
		} else if t.X > 96 {
			t.Anchor = "end"
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// most is how many labels are legible beside one another in a narrow window.
const most = 5

// marks returns the round times between the ends: powers of ten, or multiples of 1, 2 or 5 times one.
func (s scale) marks() (ns []float64) {
	if s.log {
		first, last := int(math.Ceil(math.Log10(s.from))), int(math.Floor(math.Log10(s.to)))
		step := (last-first)/most + 1
		for power := first; power <= last; power += step {
			ns = append(ns, math.Pow10(power))
		}
		return ns
	}
	step := math.Pow10(int(math.Floor(math.Log10(s.to / most))))
	for _, factor := range []float64{2, 2.5, 2} { // 2, 5, 10 times
		if s.to/step < most {
			break
		}
		step *= factor
	}
	for i := 0; float64(i)*step <= s.to; i++ {
		ns = append(ns, float64(i)*step)
	}
	return ns
}
