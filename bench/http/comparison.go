package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"greenloop/bench/internal/summary"
)

// What can be compared: the server's CPU time for a request, or how many requests are served.
const (
	cpuMicros = "CPU µs"
	perSecond = "requests/s"
)

// comparison is what all runs under one load found.
type comparison struct {
	load
	Unit    string   `json:"unit"`
	Base    string   `json:"base"`
	Servers []*entry `json:"servers"`

	value func(sample) float64
}

// entry is one server's part.
type entry struct {
	Name    string          `json:"name"`
	Samples []sample        `json:"samples"` // in the order of the runs
	Summary summary.Summary `json:"summary"`
	Ratio   summary.Summary `json:"ratio"` // to the base's sample of the same run
}

func newComparison(l load, throughput bool, programs []program) *comparison {
	c := &comparison{load: l, Unit: cpuMicros, value: func(s sample) float64 { return s.Micros }}
	if throughput {
		c.Unit, c.value = perSecond, func(s sample) float64 { return s.Load.PerSecond }
	}
	for _, p := range programs {
		c.Servers = append(c.Servers, &entry{Name: p.row})
	}
	return c
}

// summarize fills in what follows from the samples. The base is the first server of that name, or the first.
func (c *comparison) summarize(base string) {
	with := max(0, slices.IndexFunc(c.Servers, func(e *entry) bool { return e.Name == base }))
	c.Base = c.Servers[with].Name
	divisor := c.values(c.Servers[with])
	for _, e := range c.Servers {
		e.Summary = summary.Of(c.values(e))
		e.Ratio = summary.Of(summary.Ratios(c.values(e), divisor))
	}
}

func (c *comparison) values(e *entry) []float64 { return e.each(c.value) }

func (e *entry) each(value func(sample) float64) []float64 {
	var values []float64
	for _, s := range e.Samples {
		values = append(values, value(s))
	}
	return values
}

// column is a part of the table that the runs have a median of.
type column struct {
	head  string
	show  string // a format
	value func(sample) float64
}

var columns = []column{
	{cpuMicros, "%.3f", func(s sample) float64 { return s.Micros }},
	{"user", "%.0f%%", func(s sample) float64 { return 100 * s.User }},
	{perSecond, "%.0f", func(s sample) float64 { return s.Load.PerSecond }},
	{"p50 µs", "%.0f", func(s sample) float64 { return float64(s.Load.Latency.P50.Microseconds()) }},
	{"p99 µs", "%.0f", func(s sample) float64 { return float64(s.Load.Latency.P99.Microseconds()) }},
	{"server CPU", "%.0f%%", func(s sample) float64 { return 100 * s.Server }},
	{"client CPU", "%.0f%%", func(s sample) float64 { return 100 * s.Load.ClientCPU }},
	{"others", "%.0f%%", func(s sample) float64 { return 100 * s.Others }},
}

// print writes a table: the median and the range within which the middle half of the runs lies, the same of the ratios, and
// medians of the rest.
func (c *comparison) print(w io.Writer) error {
	fmt.Fprintf(w, "%d connections, %d requests at a time, %d runs each, ratio to %s\n",
		c.Conns, c.Pipeline, len(c.Servers[0].Samples), c.Base)
	compared := columns[slices.IndexFunc(columns, func(col column) bool { return col.head == c.Unit })]
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "server\t%s\tmiddle half\tratio\tmiddle half\t", c.Unit)
	for _, col := range columns {
		if col.head != c.Unit {
			fmt.Fprint(t, col.head+"\t")
		}
	}
	fmt.Fprintln(t)
	for _, e := range c.Servers {
		fmt.Fprintf(t, "%s\t"+compared.show+"\t"+compared.show+"–"+compared.show+"\t",
			e.Name, e.Summary.Median, e.Summary.Low, e.Summary.High)
		fmt.Fprintf(t, "%.3f\t%.3f–%.3f\t", e.Ratio.Median, e.Ratio.Low, e.Ratio.High)
		for _, col := range columns {
			if col.head != c.Unit {
				fmt.Fprintf(t, col.show+"\t", summary.Of(e.each(col.value)).Median)
			}
		}
		fmt.Fprintln(t)
	}
	fmt.Fprintln(t)
	return t.Flush()
}
