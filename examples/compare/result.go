package main

import (
	"strings"

	"golang.org/x/exp/stats"

	"greenloop/examples/compare/report"
)

// report makes of the samples of a workload what is reported.
func (l *lab) report(w *workload, samples map[string][]sample) report.Workload {
	r := report.Workload{
		Name: w.name, Title: w.title, Unit: w.unit, What: paragraph(w.what), Conclusion: paragraph(w.conclusion),
	}
	for _, c := range l.contenders {
		result := report.Result{Runtime: c.name, Switches: -1, Skipped: l.skipped[c.name]}
		if result.Skipped == "" {
			result = l.result(w, c, samples[c.name])
		}
		r.Results = append(r.Results, result)
	}
	compareToCoroutines(r.Results)
	return r
}

// result is the figures of one runtime.
func (l *lab) result(w *workload, c contender, of []sample) report.Result {
	size := l.sizeOf(w, c)
	r := report.Result{Runtime: c.name, Size: int64(size), Operations: w.operationsOf(size), Switches: -1}
	var seconds, each []float64
	for _, s := range of {
		seconds = append(seconds, s.Seconds)
		each = append(each, s.Seconds*1e9/float64(r.Operations))
	}
	r.Seconds, r.NsPerOp = spread(seconds), spread(each)
	r.CPUSeconds = median(of, func(s sample) float64 { return s.CPU })
	r.OSSwitches = int64(median(of, func(s sample) float64 { return float64(s.OSSwitches) }))
	memory := median(of, func(s sample) float64 { return float64(s.Memory) })
	r.MemoryBytes = max(int64(memory)-l.idle[c.name], 0) // two idle processes differ by some pages
	switch {
	case c.name == "coroutines" && !w.byHand:
		r.Switches = int64(median(of, func(s sample) float64 { return float64(s.Switches) }))
	case w.handovers != nil:
		r.Switches = w.handovers(size)
		if w.asked && (c.name == "coroutines" || c.name == "gevent") {
			r.Switches *= 2
		}
	}
	return r
}

// compareToCoroutines sets the ratios, if coroutines are among the results.
func compareToCoroutines(results []report.Result) {
	for _, base := range results {
		if base.Runtime == "coroutines" {
			for i := range results {
				results[i].Ratio = results[i].NsPerOp.Median / base.NsPerOp.Median
			}
		}
	}
}

func spread(values []float64) report.Spread {
	q := stats.Quantiles(values, 0, 0.5, 1)
	return report.Spread{Min: q[0], Median: q[1], Max: q[2]}
}

// paragraph is a text without its line breaks.
func paragraph(text string) string { return strings.Join(strings.Fields(text), " ") }
