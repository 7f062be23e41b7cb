package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"greenloop/bench/internal/summary"
)

// table holds all runs with one number of parked ones.
type table struct {
	N    int   `json:"n"`
	Rows []row `json:"rows"` // the base first
}

type row struct {
	Kind string `json:"kind"`
	Runs []cost `json:"runs"`
}

func newTable(n int) *table {
	t := &table{N: n}
	for _, k := range kinds {
		t.Rows = append(t.Rows, row{Kind: k.name})
	}
	return t
}

// median is over the runs, of one part of the cost.
func (r row) median(part func(cost) float64) float64 { return summary.Of(r.all(part)).Median }

func (r row) all(part func(cost) float64) []float64 {
	values := make([]float64, len(r.Runs))
	for i, c := range r.Runs {
		values[i] = part(c)
	}
	return values
}

// print writes medians, and the medians of the ratios to the base's same run.
func (t *table) print(w io.Writer) error {
	fmt.Fprintf(w, "bytes for each of %d, %d runs each\n", t.N, len(t.Rows[0].Runs))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "kind\theap objects\theap spans\tstack\tobjects+stack\tratio\tRSS\tratio\t")
	rss := func(c cost) float64 { return c.RSS }
	for _, r := range t.Rows {
		fmt.Fprintf(tw, "%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.3f\t%.0f\t%.3f\t\n", r.Kind,
			r.median(func(c cost) float64 { return c.HeapAlloc }),
			r.median(func(c cost) float64 { return c.HeapInuse }),
			r.median(func(c cost) float64 { return c.Stack }),
			r.median(cost.Live), t.ratio(r, cost.Live),
			r.median(rss), t.ratio(r, rss))
	}
	fmt.Fprintln(tw)
	return tw.Flush()
}

func (t *table) ratio(r row, part func(cost) float64) float64 {
	return summary.Of(summary.Ratios(r.all(part), t.Rows[0].all(part))).Median
}
