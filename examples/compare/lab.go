package main

import (
	"context"
	"embed"
	"os"

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
	r := &report.Report{Machine: machine(ctx, l.python), Runs: l.runs, Quick: l.quick}
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
