package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"greenloop/examples/compare/report"
)

// wide is how long the lines of a paragraph may be, unless the terminal is narrower.
const wide = 110

// legend says what the columns are.
const legend = `
	Time is the median of the runs, of which there are %d, each a process of its own, around the work alone; spread
	is the least and the most of it. Memory is the peak of the process above that of an idle one, with what a
	garbage collector has left for later. Switches are the hand-overs that the work makes, those of coroutines as
	their hub counted them; – where nobody counts them. OS switches are the system's, wanted and unwanted. CPU is
	user and system time of all threads. Where it is far below the time, and the work neither sleeps nor waits for
	the system, the machine was busy with something else: measure again. Ratio is the time per operation to that of
	coroutines: above 1 is slower than they are.`

// small is what to know of -quick.
const small = `
	These are small sizes, for which the start and the making of the members are a large part of the time: they show
	the order of magnitude. Conclude from the full sizes.`

// writeText prints a table and a conclusion for each workload, and a summary.
func writeText(out io.Writer, r *report.Report) error {
	var b bytes.Buffer
	table := cmp.Or(terminalWidth(out), math.MaxInt)
	m, width := r.Machine, min(table, wide)
	b.WriteString(wrap(fmt.Sprintf("%s/%s, CPUs: %d, %s, %s, Python %s, %s", m.OS, m.Arch, m.CPUs,
		cmp.Or(m.Model, "processor not known"), m.Go, cmp.Or(m.Python, "not found"), m.Date), width) + "\n")
	if r.Quick {
		b.WriteString(wrap(small, width) + "\n")
	}
	b.WriteString(wrap(fmt.Sprintf(legend, r.Runs), width))
	for _, w := range r.Workloads {
		fmt.Fprintf(&b, "\n== %s (%s)\n\n%s\n", w.Title, w.Name, wrap(w.What, width))
		b.WriteString(columns(figures(w), table))
		fmt.Fprintf(&b, "\n%s", wrap(w.Conclusion, width))
	}
	if len(r.Workloads) > 0 {
		b.WriteString("\n== Summary: time per operation, as a ratio to coroutines\n\n")
		b.WriteString(columns(summary(r), table))
	}
	_, err := out.Write(b.Bytes())
	return err
}

// figures is the table of one workload.
func figures(w report.Workload) [][]string {
	table := [][]string{{"runtime", "size", "time", "per " + strings.TrimPrefix(strings.TrimPrefix(w.Unit, "a "), "an "),
		"spread", "memory", "switches", "OS switches", "CPU", "ratio"}}
	for _, r := range w.Results {
		row := []string{r.Runtime, "skipped: " + r.Skipped}
		if r.Skipped == "" {
			row = []string{r.Runtime, count(r.Size), seconds(r.Seconds.Median), duration(r.NsPerOp.Median),
				seconds(r.Seconds.Min) + " – " + seconds(r.Seconds.Max), bytesOf(r.MemoryBytes), count(r.Switches),
				count(r.OSSwitches), seconds(r.CPUSeconds), ratio(r)}
		}
		table = append(table, row)
	}
	return table
}

// summary is the table of all ratios.
func summary(r *report.Report) [][]string {
	head := []string{"workload"}
	for _, result := range r.Workloads[0].Results {
		head = append(head, result.Runtime)
	}
	table := [][]string{head}
	for _, w := range r.Workloads {
		row := []string{w.Name}
		for _, result := range w.Results {
			row = append(row, ratio(result))
		}
		table = append(table, row)
	}
	return table
}
