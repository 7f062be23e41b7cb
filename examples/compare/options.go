package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// options is the command line.
type options struct {
	quick, json, csv bool
	runs             int
	python           string
	workloads        []*workload
	contenders       []contender
	drawings         []drawing
}

// parse reads the command line. What is wrong with it is the error; errs gets the usage if that was asked for.
func parse(args []string, errs io.Writer) (*options, error) {
	var o options
	var only, on, svg, html string
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.quick, "quick", false, "small sizes and 3 runs, less than half a minute")
	flags.IntVar(&o.runs, "runs", 0, "this many runs of each, 5 if it is 0")
	flags.StringVar(&only, "only", "", "only these `workloads`, with commas between: "+names(workloads, workloadName))
	flags.StringVar(&on, "on", "", "only on these `runtimes`: "+names(contenders, contenderName))
	flags.StringVar(&o.python, "python", "/usr/bin/python3", "the Python that is to be compared")
	flags.BoolVar(&o.json, "json", false, "write JSON instead of tables")
	flags.BoolVar(&o.csv, "csv", false, "write CSV instead of tables, a line for each workload and runtime")
	flags.StringVar(&svg, "svg", "", "also draw the charts to this `file`, as one SVG")
	flags.StringVar(&html, "html", "", "also write a page with charts and tables to this `file`")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(errs)
			flags.Usage()
		}
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected %q: there are flags only, see -help", flags.Arg(0))
	case o.runs < 0:
		return nil, errors.New("-runs must not be negative")
	case o.json && o.csv:
		return nil, errors.New("-json and -csv exclude one another")
	case o.runs == 0 && o.quick:
		o.runs = 3
	case o.runs == 0:
		o.runs = 5
	}
	o.drawings = drawings(svg, html, args)
	var errOnly, errOn error
	o.workloads, errOnly = choose("workload", only, workloads, workloadName)
	o.contenders, errOn = choose("runtime", on, contenders, contenderName)
	return &o, errors.Join(errOnly, errOn, o.drawings[0].check(), o.drawings[1].check())
}

func workloadName(w *workload) string { return w.name }

func contenderName(c contender) string { return c.name }

// choose returns those of all whose names are in list, in the order of all; all of them if list is empty.
func choose[T any](kind, list string, all []T, name func(T) string) (chosen []T, err error) {
	if list == "" {
		return all, nil
	}
	wanted := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(wanted) == 0 {
		return nil, fmt.Errorf("no %s is named in %q; there are %s", kind, list, names(all, name))
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(all, func(v T) bool { return name(v) == w }) {
			return nil, fmt.Errorf("no %s %q; there are %s", kind, w, names(all, name))
		}
	}
	for _, v := range all {
		if slices.Contains(wanted, name(v)) {
			chosen = append(chosen, v)
		}
	}
	return chosen, nil
}

// names lists the names of all.
func names[T any](all []T, name func(T) string) string {
	var list []string
	for _, v := range all {
		list = append(list, name(v))
	}
	return strings.Join(list, ", ")
}
