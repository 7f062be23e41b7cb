package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"greenloop/bench/internal/summary"
)

// comparison is what all runs with one number of connections found.
type comparison struct {
	Unit    string   `json:"unit"`
	Conns   int      `json:"conns"`
	Servers []*entry `json:"servers"` // the base first
}

// entry is one server's part.
type entry struct {
	Name    string          `json:"name"`
	Samples []sample        `json:"samples"` // in the order of the runs
	Summary summary.Summary `json:"summary"`
	// Ratio is to the base's sample of the same run; nil for the base itself, and
	// if the base once measured nothing at all.
	Ratio *summary.Summary `json:"ratio,omitempty"`
}

func newComparison(unit string, conns int, servers []string) *comparison {
	c := &comparison{Unit: unit, Conns: conns}
	for _, name := range servers {
		c.Servers = append(c.Servers, &entry{Name: name})
	}
	return c
}

// summarize fills in what follows from the samples.
func (c *comparison) summarize() {
	base := c.Servers[0].values()
	for i, e := range c.Servers {
		e.Summary = summary.Of(e.values())
		if i == 0 || c.Servers[0].Summary.Min <= 0 {
			continue
		}
		ratio := summary.Of(summary.Ratios(e.values(), base))
		e.Ratio = &ratio
	}
}

func (e *entry) values() []float64 {
	values := make([]float64, len(e.Samples))
	for i, s := range e.Samples {
		values[i] = s.Value
	}
	return values
}

// print writes a table: the median, the range within which the middle half of
// the runs lies, and the same of the ratios.
func (c *comparison) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s, %d connections, %d runs each\n", c.Unit, c.Conns, len(c.Servers[0].Samples))
	fmt.Fprintln(t, "server\tmedian\tmiddle half\tratio\tmiddle half\tmessages/s\tp50\tp99\tclient CPU\tothers\t")
	for _, e := range c.Servers {
		fmt.Fprintf(t, "%s\t%.3f\t%.3f–%.3f\t", e.Name, e.Summary.Median, e.Summary.Low, e.Summary.High)
		if e.Ratio == nil {
			fmt.Fprint(t, "–\t–\t")
		} else {
			fmt.Fprintf(t, "%.3f\t%.3f–%.3f\t", e.Ratio.Median, e.Ratio.Low, e.Ratio.High)
		}
		fmt.Fprintln(t, e.clients())
	}
	fmt.Fprintln(t)
	return t.Flush()
}

// clients is the part of the row that the load generator saw: medians over the runs.
func (e *entry) clients() string {
	var rate, p50, p99, cpu, others []float64
	for _, s := range e.Samples {
		if s.Load == nil {
			return "–\t–\t–\t–\t–\t"
		}
		rate = append(rate, s.Load.PerSecond)
		p50 = append(p50, float64(s.Load.Latency.P50))
		p99 = append(p99, float64(s.Load.Latency.P99))
		cpu = append(cpu, s.Load.ClientCPU)
		others = append(others, s.Others)
	}
	micros := func(values []float64) time.Duration {
		return time.Duration(summary.Of(values).Median).Round(time.Microsecond)
	}
	return fmt.Sprintf("%.0f\t%v\t%v\t%.0f%%\t%.0f%%\t", summary.Of(rate).Median, micros(p50), micros(p99),
		100*summary.Of(cpu).Median, 100*summary.Of(others).Median)
}
