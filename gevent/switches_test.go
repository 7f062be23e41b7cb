package gevent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/sched"
)

var errBody = errors.New("the body's")

func inHub(t *testing.T, fn func()) {
	t.Helper()
	require.NoError(t, gevent.Run(func() error { fn(); return nil }))
}

func nothing() error { return nil }

func yielding() error { gevent.Yield(); return nil }

// blocking keeps the CPU for 2 ms at the least.
func blocking() error {
	for began := time.Now(); time.Since(began) < 2*time.Millisecond; {
	}
	return nil
}

func TestAssertSwitches(t *testing.T) {
	inHub(t, func() {
		require.EqualError(t, gevent.AssertSwitches(0, nothing), "gevent: main (task 1) has not given up the CPU, as it must")
		require.NoError(t, gevent.AssertSwitches(0, yielding))
		require.NoError(t, gevent.AssertSwitches(0, func() error { return gevent.Sleep(1) }))
		require.NoError(t, gevent.AssertSwitches(time.Hour, nothing), "fast enough")
		require.ErrorContains(t, gevent.AssertSwitches(time.Millisecond, blocking), "main (task 1) kept the CPU for ")
	})
}

func TestAssertSwitchesNamesTheLine(t *testing.T) {
	inHub(t, func() {
		line := ""
		err := gevent.AssertSwitches(time.Millisecond, func() error {
			_ = blocking()
			line = after(1)
			gevent.Yield()
			return nil
		})
		require.ErrorContains(t, err, "main (task 1) kept the CPU for ")
		require.ErrorContains(t, err, " until "+line+"; no longer than 1ms is allowed")
	})
}

// Also another greenlet holds up the one that is measured.
func TestAssertSwitchesNamesAnother(t *testing.T) {
	inHub(t, func() {
		g := gevent.SpawnNamed("other", blocking)
		err := gevent.AssertSwitches(time.Millisecond, g.Join)
		require.ErrorContains(t, err, "other (task 2) kept the CPU for ")
		require.ErrorContains(t, err, "until its end")
	})
}

// One that never ran has kept nothing.
func TestAssertSwitchesPassesOverWhoNeverStarted(t *testing.T) {
	inHub(t, func() {
		err := gevent.AssertSwitches(time.Millisecond, func() error {
			g := gevent.SpawnNamed("victim", nothing)
			_ = blocking()
			return g.Kill()
		})
		require.ErrorContains(t, err, "main (task 1) kept the CPU for ")
	})
}

func TestAssertSwitchesDoesNotMaskErrors(t *testing.T) {
	inHub(t, func() {
		fail := func() error { return errBody }
		require.Same(t, errBody, gevent.AssertSwitches(0, fail))
		require.Same(t, errBody, gevent.AssertNoSwitch(func() error { gevent.Yield(); return errBody }))
		require.PanicsWithValue(t, "the body's", func() { _ = gevent.AssertSwitches(0, func() error { panic("the body's") }) })
		require.NoError(t, gevent.AssertSwitches(0, yielding), "nothing is left of the panic")
	})
}

func TestAssertSwitchesNests(t *testing.T) {
	inHub(t, func() {
		require.NoError(t, gevent.AssertSwitches(0, func() error {
			require.Error(t, gevent.AssertSwitches(0, nothing))
			require.NoError(t, gevent.AssertNoSwitch(nothing))
			return gevent.AssertSwitches(0, yielding)
		}))
		require.Error(t, gevent.AssertNoSwitch(func() error { return gevent.AssertSwitches(0, yielding) }))
	})
}

// One that begins first and ends first takes nothing away from the other.
func TestAssertSwitchesOverlap(t *testing.T) {
	hooked := 0
	hooks := &sched.Hooks{
		Yielded: func(*sched.Task) { hooked++ }, Switched: func(_, _ *sched.Task) {},
	}
	require.NoError(t, gevent.RunConfig(gevent.Config{Hooks: hooks}, func() error {
		first := gevent.Spawn(func() error { return gevent.AssertSwitches(0, yielding) })
		second := gevent.Spawn(func() error {
			return gevent.AssertSwitches(0, func() error { _ = yielding(); return yielding() })
		})
		killed := gevent.Spawn(func() error {
			return gevent.AssertSwitches(0, func() error { return gevent.Sleep(time.Hour) })
		})
		err := gevent.JoinAll(first, second)
		require.NoError(t, killed.Kill())
		require.Equal(t, 3, hooked, "the hub's own hooks see all, too")
		gevent.Yield()
		require.Equal(t, 4, hooked)
		return err
	}))
}

func TestAssertNoSwitch(t *testing.T) {
	inHub(t, func() {
		require.NoError(t, gevent.AssertNoSwitch(nothing))
		line := ""
		err := gevent.AssertNoSwitch(func() error {
			line = after(1)
			gevent.Yield()
			gevent.Yield()
			return nil
		})
		require.EqualError(t, err, "gevent: main (task 1) gave up the CPU at "+line+", where it must not")
	})
}
