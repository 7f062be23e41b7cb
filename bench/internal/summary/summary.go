// Package summary condenses repeated measurements. On a noisy machine a single
// figure says little, and even a median drifts from minute to minute; what holds
// is the ratio of two things measured in turn, run by run.
package summary

import (
	"fmt"

	"golang.org/x/exp/stats"
)

// Summary is the middle of some measurements and how far they lie apart.
type Summary struct {
	Median float64 `json:"median"`
	Low    float64 `json:"q1"` // a quarter of the runs lies below
	High   float64 `json:"q3"` // a quarter of the runs lies above
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Runs   int     `json:"runs"`
}

// Of summarizes values. It panics if there are none.
func Of(values []float64) Summary {
	if len(values) == 0 {
		panic("summary: Of needs at least one value; measure before summarizing")
	}
	q := stats.Quantiles(values, 0, 0.25, 0.5, 0.75, 1)
	return Summary{Min: q[0], Low: q[1], Median: q[2], High: q[3], Max: q[4], Runs: len(values)}
}

// Ratios returns values[i]/base[i], for measurements of which the i-th two were
// taken right after one another. It panics if the lengths differ.
func Ratios(values, base []float64) []float64 {
	if len(values) != len(base) {
		panic(fmt.Sprintf("summary: Ratios of %d values to %d; they must come in pairs", len(values), len(base)))
	}
	ratios := make([]float64, len(values))
	for i := range values {
		ratios[i] = values[i] / base[i]
	}
	return ratios
}
