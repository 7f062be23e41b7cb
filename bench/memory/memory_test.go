package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each kind must have as many parked as it is asked for, and end them after.
func TestKindsPark(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			before, err := takeFootprint()
			require.NoError(t, err)
			called := false
			k.park(2_000, func() {
				called = true
				after, err := takeFootprint()
				require.NoError(t, err)
				require.Greater(t, after.since(before, 2_000).Stack, 1_000.0, "bytes of stack each")
			})
			require.True(t, called)
		})
	}
}

func TestCostIsPerTask(t *testing.T) {
	before := footprint{heapAlloc: 10, heapInuse: 20, stack: 30, rss: 40}
	after := footprint{heapAlloc: 110, heapInuse: 220, stack: 330, rss: 20}
	require.Equal(t, cost{HeapAlloc: 10, HeapInuse: 20, Stack: 30, RSS: -2}, after.since(before, 10))
}

func TestTablePrintsRatios(t *testing.T) {
	table := newTable(10)
	for i := range table.Rows {
		each := float64(1000 * (i + 1))
		table.Rows[i].Runs = []cost{{Stack: each, RSS: 2 * each}}
	}
	var text strings.Builder
	require.NoError(t, table.print(&text))
	lines := strings.Split(text.String(), "\n")
	require.Equal(t, "bytes for each of 10, 1 runs each", lines[0])
	require.Contains(t, lines[3], "2.000")
	require.Contains(t, lines[3], "4000")
}

func TestLookWantsAKind(t *testing.T) {
	require.ErrorContains(t, look("fish", "10"), `no kind "fish"`)
}
