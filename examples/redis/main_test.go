//go:build unix

package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit bounds a test; none is expected to come near it.
const limit = time.Minute

// program runs the example with an address, in which it must succeed, and returns what it prints.
func program(t *testing.T, addr string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	binary := filepath.Join(t.TempDir(), "redis")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.CommandContext(ctx, binary, "-addr", addr).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// The feeder is a greenlet, too: had one of the twenty blocked the thread, nobody would ever have been fed.
func TestAllWaitAtOnce(t *testing.T) {
	require.Regexp(t, `^20 × BLPOP, fed after 100ms: \S+ in all
20 × 200 round trips: \S+ in all
the longest gap between two ticks, one due each 5ms: \S+
$`, program(t, server(t)))
}

func TestWithoutServer(t *testing.T) {
	require.Contains(t, program(t, free(t)), "no server: ")
}

// Whatever it is doing when it is killed, no connection is left.
func TestKilledAnywhere(t *testing.T) {
	addr := server(t)
	require.NoError(t, gevent.Run(func() error {
		before := openFiles(t)
		for delay := range 20 {
			g := gevent.Spawn(func() error { return run(addr) })
			if err := gevent.Sleep(time.Duration(delay*delay) * time.Millisecond / 2); err != nil {
				return err
			}
			if err := g.Kill(); err != nil {
				return err
			}
			require.Equal(t, before, openFiles(t))
		}
		return nil
	}))
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
