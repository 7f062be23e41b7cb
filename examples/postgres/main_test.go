//go:build unix

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit bounds a test; none is expected to come near it.
const limit = time.Minute

// program runs the example, which must succeed, and returns what it prints.
func program(t *testing.T, dsn string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	binary := filepath.Join(t.TempDir(), "postgres")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.CommandContext(ctx, binary, "-dsn", dsn).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func TestProgram(t *testing.T) {
	require.Regexp(t, `^20 × a query of 100ms: \S+ in all
20 × 200 round trips: \S+ in all
the longest gap between two ticks, one due each 5ms: \S+
$`, program(t, server(t)))
}

func TestWithoutServer(t *testing.T) {
	require.Contains(t, program(t, fmt.Sprintf("postgres://%s/postgres", free(t))), "no server: ")
}

// free returns an address on which nobody listens.
func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func openFiles(t *testing.T) int {
	files, err := os.ReadDir("/dev/fd")
	require.NoError(t, err)
	return len(files)
}
