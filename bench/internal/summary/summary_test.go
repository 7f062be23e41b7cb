package summary

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOf(t *testing.T) {
	values := []float64{5, 1, 3, 2, 4}
	require.Equal(t, Summary{Median: 3, Low: 2, High: 4, Min: 1, Max: 5, Runs: 5}, Of(values))
	require.Equal(t, []float64{5, 1, 3, 2, 4}, values, "the caller's order is kept: pairs depend on it")
	require.Equal(t, Summary{Median: 7, Low: 7, High: 7, Min: 7, Max: 7, Runs: 1}, Of([]float64{7}))
	require.PanicsWithValue(t, "summary: Of needs at least one value; measure before summarizing", func() { Of(nil) })
}

// A drift that hits both sides alike must leave the ratio as it is.
func TestRatiosArePairwise(t *testing.T) {
	base := []float64{1, 2, 10}
	values := []float64{2, 4, 20}
	require.Equal(t, []float64{2, 2, 2}, Ratios(values, base))
	require.Panics(t, func() { Ratios(values, base[:2]) })
}
