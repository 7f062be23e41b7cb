package chart

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

func TestRuns(t *testing.T) {
	for want, r := range map[string]*report.Report{
		"Median of 5 runs; ":                {Runs: 5},
		"Median of one run; ":               {Runs: 1},
		"Median of 3 runs at small sizes; ": {Runs: 3, Quick: true},
	} {
		require.Contains(t, picture(t, r).words(), want)
		var page bytes.Buffer
		require.NoError(t, HTML(&page, r, ""))
		require.Equal(t, r.Quick, bytes.Contains(page.Bytes(), []byte("These are small sizes")))
	}
}
