//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// clientPipeline has wrk send sixteen requests at once.
const clientPipeline = `
init = function(args)
	local requests = {}
	for i = 1, 16 do requests[i] = wrk.format("GET", "/hello/" .. i) end
	pipeline = table.concat(requests)
end
request = function() return pipeline end
`

var clientRequests = regexp.MustCompile(`(\d+) requests in `)

func TestClientsWrk(t *testing.T) {
	wrk := findClient(t, "wrk")
	script := filepath.Join(t.TempDir(), "pipeline.lua")
	require.NoError(t, os.WriteFile(script, []byte(clientPipeline), 0o600))
	for name, args := range map[string][]string{"one by one": nil, "pipelined": {"-s", script}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, clientSite(t), func(w *world) {
				args := append([]string{"-d1", "-c64", "-t2", "--timeout", "20", "http://" + w.address + "/hello/wrk"}, args...)
				out, _ := wrk.run("", args...)
				require.NotContains(t, out, "Socket errors")
				require.NotContains(t, out, "Non-2xx")
				found := clientRequests.FindStringSubmatch(out)
				require.NotNil(t, found, out)
				n, err := strconv.Atoi(found[1])
				require.NoError(t, err)
				require.Greater(t, n, 64, out)
				require.Empty(t, w.log.String())
			})
		})
	}
}

func TestClientsAb(t *testing.T) {
	ab := findClient(t, "ab")
	for name, args := range map[string][]string{"one by one": nil, "keep-alive": {"-k"}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, clientSite(t), func(w *world) {
				out, _ := ab.run("", append(args, "-q", "-n", "5000", "-c", "50", "http://"+w.address+"/hello/ab")...)
				require.Regexp(t, `Complete requests: +5000\n`, out)
				require.Regexp(t, `Failed requests: +0\n`, out)
				require.NotContains(t, out, "Non-2xx")
				if args != nil {
					require.Regexp(t, `Keep-Alive requests: +5000\n`, out)
				}
				require.Empty(t, w.log.String())
			})
		})
	}
}
