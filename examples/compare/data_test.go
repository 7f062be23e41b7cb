package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

// What is not known is no figure in a CSV.
func TestCSVOfWhatIsNotKnown(t *testing.T) {
	one := report.Spread{Median: 1, Min: 0.5, Max: 2e9}
	var out bytes.Buffer
	require.NoError(t, writeCSV(&out, &report.Report{Workloads: []report.Workload{{Name: "w", Results: []report.Result{
		{Runtime: "a", Size: 2, Operations: 3, Seconds: one, NsPerOp: one, Switches: 4, Ratio: 1},
		{Runtime: "b", Size: 2, Operations: 3, Seconds: one, NsPerOp: one, Switches: -1},
		{Runtime: "c", Switches: -1, Skipped: "no Python, sorry"},
	}}}}))
	require.Equal(t, `workload,runtime,size,operations,seconds,secondsMin,secondsMax,nsPerOp,nsPerOpMin,nsPerOpMax,`+
		`cpuSeconds,memoryBytes,switches,osSwitches,ratio,skipped
w,a,2,3,1,0.5,2e+09,1,0.5,2e+09,0,0,4,0,1,
w,b,2,3,1,0.5,2e+09,1,0.5,2e+09,0,0,,0,,
w,c,,,,,,,,,,,,,,"no Python, sorry"
`, out.String())
}

func TestNamesMayHaveSpacesBetween(t *testing.T) {
	o, err := parse([]string{"-only", " skynet, ping-pong ,", "-on", "threads, coroutines"}, &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, []*workload{&pingPong, &skynet}, o.workloads)
	require.Equal(t, "coroutines, threads", names(o.contenders, contenderName))
	_, err = parse([]string{"-only", ","}, &bytes.Buffer{})
	require.ErrorContains(t, err, "no workload is named")
}

// Who reads figures sees how many runs they come from, and that small sizes show little.
func TestTextSaysHowMuchWasMeasured(t *testing.T) {
	var full, quick bytes.Buffer
	require.NoError(t, writeText(&full, &report.Report{Runs: 5}))
	require.NoError(t, writeText(&quick, &report.Report{Runs: 3, Quick: true}))
	require.Contains(t, full.String(), "median of the runs, of which there are 5,")
	require.NotContains(t, full.String(), "small sizes")
	require.Contains(t, quick.String(), "median of the runs, of which there are 3,")
	require.Contains(t, quick.String(), "These are small sizes")
}
