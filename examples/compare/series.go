package main

import (
	"context"
	"fmt"

	"golang.org/x/exp/stats"
)

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
