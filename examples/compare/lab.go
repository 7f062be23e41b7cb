package main

import (
	"context"
	"embed"
	"fmt"
	"os"

	"golang.org/x/exp/stats"

	"greenloop/examples/compare/report"
)

//go:embed python/*.py
var scripts embed.FS

// A lab is where the measuring is done.
type lab struct {
	*options
	progress *progress
	program  string // this one
	dir      string // a copy of the scripts
	skipped  map[string]string
	idle     map[string]int64 // memory of an idle process of each runtime
}

func newLab(o *options, p *progress) (*lab, error) {
	l := &lab{options: o, progress: p, skipped: map[string]string{}, idle: map[string]int64{}}
	var err error
	if l.program, err = os.Executable(); err != nil {
		return nil, err
	}
	if l.dir, err = os.MkdirTemp("", "compare"); err != nil {
		return nil, err
	}
	if err := os.CopyFS(l.dir, scripts); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lab) close() { _ = os.RemoveAll(l.dir) }

// compare does every workload on every runtime.
func (l *lab) compare(ctx context.Context) (*report.Report, error) {
	defer l.progress.end()
	r := &report.Report{Machine: machine(ctx, l.python)}
	for _, c := range l.contenders {
		if why := l.missing(ctx, c); why != "" {
			l.skipped[c.name] = why
		}
	}
	l.progress.begin(1+len(l.workloads), "idle")
	samples, err := l.series(ctx, &idle)
	if err != nil {
		return nil, err
	}
	for name, of := range samples {
		l.idle[name] = int64(median(of, func(s sample) float64 { return float64(s.Memory) }))
	}
	for _, w := range l.workloads {
		l.progress.begin(1+len(l.workloads), w.name)
		samples, err := l.series(ctx, w)
		if err != nil {
			return nil, err
		}
		r.Workloads = append(r.Workloads, l.report(w, samples))
	}
	return r, nil
}

// sizeOf is the size of a workload for a runtime.
func (l *lab) sizeOf(w *workload, c contender) int {
	if l.quick {
		return w.quick.of(c)
	}
	return w.normal.of(c)
}

// series does one workload as often as was asked for, the runtimes in turn, and returns the samples of each.
func (l *lab) series(ctx context.Context, w *workload) (map[string][]sample, error) {
	samples := map[string][]sample{}
	for run := range l.runs {
		for _, c := range l.contenders {
			if l.skipped[c.name] != "" {
				continue
			}
			l.progress.say("run %d of %d, %s", run+1, l.runs, c.name)
			s, err := l.sample(ctx, w, c, l.sizeOf(w, c))
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", w.name, c.name, err)
			}
			samples[c.name] = append(samples[c.name], s)
		}
	}
	return samples, nil
}

func median(of []sample, figure func(sample) float64) float64 {
	var figures []float64
	for _, s := range of {
		figures = append(figures, figure(s))
	}
	return stats.Median(figures)
}
