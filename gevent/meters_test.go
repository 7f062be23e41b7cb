package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The time that the hub waits is nobody's: a greenlet's stretch begins when it gets the CPU back, even without a switch.
func TestAssertSwitchesDoesNotCountIdleTime(t *testing.T) {
	run(t, func() error {
		return AssertSwitches(time.Hour, func() error {
			began := time.Now()
			err := Sleep(5 * time.Millisecond)
			require.GreaterOrEqual(t, GetHub().meters.granted.Sub(began), 5*time.Millisecond)
			return err
		})
	})
}

func TestAssertSwitchesOutsideAGreenlet(t *testing.T) {
	require.PanicsWithValue(t, "gevent: AssertSwitches called outside a hub: call it inside gevent.Run, on no goroutine started with go "+
		"(there, use Hub.Post)", func() { _ = AssertSwitches(0, nil) })
}
