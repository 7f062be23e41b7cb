package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMeasures makes short runs, tied to no CPU.
func TestMeasures(t *testing.T) {
	d := driver{dir: t.TempDir(), runs: 2, duration: 100 * time.Millisecond, serverCPU: -1, clientCPU: -1}
	chosen, err := choose("greenlets,goroutines")
	require.NoError(t, err)
	require.NoError(t, d.prepare(chosen))
	c, err := d.compare(load{Conns: 8, Pipeline: 4}, "goroutines")
	require.NoError(t, err)
	require.Equal(t, "goroutines", c.Base)
	for _, e := range c.Servers {
		require.Len(t, e.Samples, 2)
		require.Positive(t, e.Summary.Min)
		require.Positive(t, e.Ratio.Min)
	}
	profile := filepath.Join(d.dir, "cpu.prof")
	require.NoError(t, d.profile(profile, load{Conns: 8, Pipeline: 4}))
	written, err := os.Stat(profile)
	require.NoError(t, err)
	require.Positive(t, written.Size())
}

func TestMeasuresHubs(t *testing.T) {
	d := driver{dir: t.TempDir(), runs: 1, duration: 100 * time.Millisecond}
	chosen, err := d.spread("1,2", 20*time.Microsecond)
	require.NoError(t, err)
	require.NoError(t, d.prepare(chosen))
	c, err := d.compare(load{Conns: 8, Pipeline: 1}, "c")
	require.NoError(t, err)
	require.Equal(t, "hubs=1", c.Base)
	require.Len(t, c.Servers, 2)
	for _, e := range c.Servers {
		require.Greater(t, e.Samples[0].Micros, 10.0)
	}
}
