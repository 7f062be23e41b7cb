package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"greenloop/bench/internal/summary"
)

// results holds one value of each benchmark for each run.
type results struct {
	names  []string // in the order in which they first ran
	values map[string][]float64
}

func newResults() *results { return &results{values: map[string][]float64{}} }

// add takes the values of the given run from what the benchmarks printed.
func (r *results) add(run int, out []byte, metric string) error {
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		name, value, found := parseLine(lines.Text(), metric)
		if !found {
			continue
		}
		if run == 0 {
			r.names = append(r.names, name)
		}
		r.values[name] = append(r.values[name], value)
	}
	if len(r.names) == 0 {
		return fmt.Errorf("no benchmark reported %s", metric)
	}
	for _, name := range r.names {
		if len(r.values[name]) != run+1 {
			return fmt.Errorf("%s has %d values after %d runs; ratios need one each", name, len(r.values[name]), run+1)
		}
	}
	return nil
}

// parseLine reads "BenchmarkName-2  1000  12.5 ns/op  0 B/op", in any order of metrics.
func parseLine(line, metric string) (name string, value float64, found bool) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return "", 0, false
	}
	name = strings.TrimPrefix(fields[0], "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		name = name[:i] // GOMAXPROCS
	}
	for i := 2; i+1 < len(fields); i += 2 {
		if fields[i+1] != metric {
			continue
		}
		value, err := strconv.ParseFloat(fields[i], 64)
		return name, value, err == nil
	}
	return "", 0, false
}

// print writes the median of each, and of its ratios to the base's same runs. A base that begins with a slash is another one
// for each benchmark: its own sub-benchmark of that name, none for those that have not got it.
func (r *results) print(w io.Writer, base, metric string) error {
	if base == "" {
		base = r.names[0]
	}
	own := strings.HasPrefix(base, "/")
	if !own && r.values[base] == nil {
		return fmt.Errorf("no benchmark %s to compare with; there are %s", base, strings.Join(r.names, ", "))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%d runs\t%s\tmiddle half\tratio to %s\tmiddle half\n", len(r.values[r.names[0]]), metric, base)
	for _, name := range r.names {
		value := summary.Of(r.values[name])
		fmt.Fprintf(t, "%s\t%.1f\t%.1f–%.1f", name, value.Median, value.Low, value.High)
		baseValues := r.values[base]
		if own {
			benchmark, _, _ := strings.Cut(name, "/")
			baseValues = r.values[benchmark+base]
		}
		if baseValues == nil {
			fmt.Fprint(t, "\t–\t\n")
			continue
		}
		ratio := summary.Of(summary.Ratios(r.values[name], baseValues))
		fmt.Fprintf(t, "\t%.3f\t%.3f–%.3f\n", ratio.Median, ratio.Low, ratio.High)
	}
	return t.Flush()
}
