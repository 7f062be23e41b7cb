//go:build unix

package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// server returns the address of a Redis server: REDIS_ADDR, or in CI that of one which lives as long as the test, in a
// directory of its own.
func server(t *testing.T) string {
	t.Helper()
	if addr := os.Getenv("REDIS_ADDR"); addr != "" {
		return addr
	}
	if os.Getenv("CI") == "" {
		t.Skip("no server: set REDIS_ADDR to the address of one, or CI to have a redis-server started")
	}
	addr := free(t)
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", t.TempDir())
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait())
	})
	text := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text += lines.Text() + "\n"; strings.Contains(lines.Text(), "eady to accept connections") {
			return addr
		}
	}
	require.FailNow(t, "redis-server did not start", text)
	return ""
}
