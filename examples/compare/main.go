// Compare does the same work with coroutines, goroutines, OS threads, and Python's gevent and threads, checks each result,
// and prints what it took:
//
//	go run .                                       everything, four to six minutes on two cores
//	go run . -quick                                small sizes, less than half a minute
//	go run . -only ping-pong,skynet -on coroutines,goroutines
//	go run . -json > figures.json
//	go run . -html report.html -svg report.svg     tables, and a page and a picture with charts
//
// The files workload_*.go have the programs, coroutines and goroutines beside each other, python/ has those for Python.
// Each run is a process of its own. The runtimes take turns, so that a slow minute of the machine is one for all.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"greenloop/examples/compare/report"
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}

// command is main with another command line: it returns the exit code, 2 if the command line is wrong.
func command(args []string, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == "-child" { // not among the flags, as it is not for users
		if err := child(args[1:], out); err != nil {
			fmt.Fprintln(errs, err)
			return 1
		}
		return 0
	}
	o, err := parse(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "compare:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := compare(ctx, o, out, errs); err != nil {
		fmt.Fprintln(errs, "compare:", err)
		return 1
	}
	return 0
}

// compare measures, prints and draws.
func compare(ctx context.Context, o *options, out, errs io.Writer) error {
	l, err := newLab(o, newProgress(errs))
	if err != nil {
		return err
	}
	defer l.close()
	r, err := l.compare(ctx)
	if err != nil {
		return err
	}
	if err := o.write(out, r); err != nil {
		return err
	}
	for _, d := range o.drawings {
		if err := d.save(r); err != nil {
			return err
		}
	}
	return nil
}

// write prints the report in the form that was asked for.
func (o *options) write(out io.Writer, r *report.Report) error {
	switch {
	case o.json:
		return writeJSON(out, r)
	case o.csv:
		return writeCSV(out, r)
	}
	return writeText(out, r)
}
