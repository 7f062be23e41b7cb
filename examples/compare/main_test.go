package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/examples/compare/report"
)

// The children that measure are this program, which is the test's own here.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-child" {
		os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // under -race each child would stay for a second
	os.Exit(m.Run())
}

// called returns what a command line prints, its progress, and its exit code.
func called(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = command(args, &o, &e)
	return o.String(), e.String(), code
}

func decode(t *testing.T, text string) (r report.Report) {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&r))
	return r
}

// Every workload gives the right answer on every runtime, or else there would be no report.
func TestEveryWorkloadOnEveryRuntime(t *testing.T) {
	out, errs, code := called("-quick", "-runs", "1", "-json")
	require.Zero(t, code, errs)
	require.Contains(t, errs, "10/10 cpu-sum\n")
	r := decode(t, out)
	require.NotEmpty(t, r.Machine.Go)
	require.Len(t, r.Workloads, len(workloads))
	for i, w := range r.Workloads {
		require.Equal(t, workloads[i].name, w.Name)
		require.NotContains(t, w.What+w.Conclusion, "\n")
		require.Len(t, w.Results, len(contenders))
		base := w.Results[0].NsPerOp.Median
		for j, v := range w.Results {
			require.Equal(t, contenders[j].name, v.Runtime)
			if v.Skipped != "" && os.Getenv("CI") == "" {
				t.Logf("%s is skipped: %s", v.Runtime, v.Skipped)
				continue
			}
			require.Empty(t, v.Skipped, "the checks install Python and gevent")
			require.Positive(t, v.Size)
			require.Positive(t, v.Seconds.Median)
			require.Equal(t, v.Seconds.Median, v.Seconds.Max, "of one run")
			require.InEpsilon(t, v.Seconds.Median*1e9, v.NsPerOp.Median*float64(v.Operations), 1e-6)
			require.InEpsilon(t, v.NsPerOp.Median/base, v.Ratio, 1e-6)
			require.GreaterOrEqual(t, v.MemoryBytes, int64(0))
			require.GreaterOrEqual(t, v.Switches, int64(-1))
		}
		require.Positive(t, w.Results[0].Switches, "a hub counts its switches, and those by hand are known")
	}
}

func TestSomeWorkloadsOnSomeRuntimes(t *testing.T) {
	out, errs, code := called("-quick", "-runs", "2", "-only", "skynet,ping-pong", "-on", "goroutines,coroutines", "-csv")
	require.Zero(t, code, errs)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, csvHead, rows[0])
	var names []string
	for _, row := range rows[1:] {
		names = append(names, row[0]+" "+row[1])
	}
	require.Equal(t, []string{
		"ping-pong coroutines", "ping-pong goroutines", "skynet coroutines", "skynet goroutines",
	}, names, "in the order of the report")
}

func TestWithoutCoroutinesThereAreNoRatios(t *testing.T) {
	out, errs, code := called("-quick", "-runs", "1", "-only", "ping-pong", "-on", "threads", "-json")
	require.Zero(t, code, errs)
	require.Zero(t, decode(t, out).Workloads[0].Results[0].Ratio)
}

func TestWithoutPython(t *testing.T) {
	out, errs, code := called("-quick", "-runs", "1", "-only", "ping-pong", "-on", "coroutines,gevent", "-python", "/no/python")
	require.Zero(t, code, errs)
	require.Regexp(t, `(?m)^gevent +skipped: there is no /no/python$`, out)
	require.Regexp(t, `(?m)^coroutines +100,000 .* 1\.00×$`, out)
	require.Regexp(t, `(?m)^ping-pong +1\.00× +–$`, out)
}
