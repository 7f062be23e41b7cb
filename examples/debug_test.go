//go:build unix

package examples

import (
	"io"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each page answers, and a signal ends the program cleanly.
func TestDebug(t *testing.T) {
	binary := build(t, "debug")
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		s := start(t, binary, "-addr", "127.0.0.1:0")
		get := func(page string) string {
			resp, err := http.Get("http://" + s.addr + page)
			require.NoError(t, err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode, string(body))
			return string(body)
		}
		require.Contains(t, get("/"), ">miner</td>", "it leads to the views")
		const views = "/debug/gevent/"
		require.Regexp(t, `baker 0 .*spawned at .*live\.go:\d+`, get(views+"tasks?sort=busy"))
		require.Contains(t, get(views+"tasks?format=json"), `"name": "guest 1"`)
		require.Contains(t, get(views+"tree"), `"main" parked on accept`)
		require.Contains(t, get(views+"tree?stacks=1"), "main.eat")
		require.Contains(t, get(views+"latency"), "Runs")
		require.Contains(t, get(views+"vars"), `"waiting_for_io"`)
		require.Contains(t, get(views+"stacks"), "main.bake")
		for _, format := range []string{"html", "trace", "text"} {
			require.NotEmpty(t, get(views+"record?seconds=0.05&lines=1&format="+format))
		}
		rest, err := s.stop(sig)
		require.NoError(t, err, s.errs.String())
		require.Empty(t, rest+s.errs.String())
	}
}
