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

// What is defined after Main is unknown in every child.
func TestDefineAfterMain(t *testing.T) {
	refused := func(call string, define func()) {
		t.Helper()
		require.PanicsWithValue(t,
			"mp: "+call+" of \"after Main\" after Main: define it in a variable at package level", define)
	}
	nop, double := func(int) error { return nil }, func(n int) (int, error) { return 2 * n, nil }
	refused("Define", func() { mp.Define("after Main", nop) })
	refused("DefineFunc", func() { mp.DefineFunc("after Main", double) })
	refused("DefineManaged", func() { mp.DefineManaged("after Main", double) })
	refused("DefineMethod", func() {
		mp.DefineMethod(slowType, "after Main", func(*slowThing, int) (int, error) { return 0, nil })
	})
	refused("Define", func() { mp.DefineServer("after Main", func(*mp.Worker[int]) error { return nil }) })
}
