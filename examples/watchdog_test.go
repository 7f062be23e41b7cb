//go:build unix

package examples

import (
	"context"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each of the three culprits is named with its line, and what the program prints is always the same.
func TestWatchdog(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, build(t, "watchdog")).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Regexp(t, `^dozer blocks the hub in main\.doze at main\.go:\d+
  time\.Sleep stops the thread .*
  ticks meanwhile: 0
locker blocks the hub in main\.lockUp at main\.go:\d+
  a Go lock stops the thread, .*
  ticks meanwhile: 0
computer blocks the hub in main\.compute at main\.go:\d+
  no other greenlet runs .*
  ticks meanwhile: 0
$`, string(out))
}
