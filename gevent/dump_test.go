package gevent_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// From outside the package, whose own frames a report leaves out.
func TestDumpShowsThePlace(t *testing.T) {
	sleep := func() error { return gevent.Sleep(time.Hour) }
	for _, sites := range []bool{false, true} {
		require.NoError(t, gevent.RunConfig(gevent.Config{Sites: sites}, func() error {
			g := gevent.SpawnNamed("sleeper", sleep)
			gevent.Yield()
			dump := gevent.GetHub().Dump()
			require.Len(t, dump, 2)
			require.Equal(t, "main", dump[0].Name)
			require.Equal(t, "sleeper", dump[1].Name)
			require.Equal(t, "parked", dump[1].State.String())
			require.Equal(t, "sleep", dump[1].Why)
			line := "dump_test.go:14"
			if sites {
				line = "dump_test.go:17"
			}
			require.Contains(t, dump[1].Site, line)
			return g.Kill()
		}))
	}
}
