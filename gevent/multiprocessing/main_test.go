//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A child's target has a hub of its own, so Main is for outside of one: as a parent and as a child.
func TestMainInsideRun(t *testing.T) {
	for _, env := range []string{"", "GREENLOOP_MULTIPROCESSING=1"} {
		out, err := roleOf("calls Main inside Run", "MULTIPROCESSING_TEST_EARLY=1", env).CombinedOutput()
		require.Error(t, err, "it exits with 0")
		require.Contains(t, string(out), "mp: Main called inside gevent.Run: call it first thing in main")
	}
}

func init() {
	roles["calls Main inside Run"] = func() {
		_ = gevent.Run(func() error {
			mp.Main()
			return nil
		})
	}
}
