//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// Whose time is up when the last one has come has passed, as all others have.
func TestBarrierPassedInTime(t *testing.T) {
	inHub(t, func() {
		b, err := NewBarrier(2)
		require.NoError(t, err)
		for range 20 {
			first := gevent.Spawn(func() error { _, err := b.WaitTimeout(time.Millisecond / 2); return err })
			gevent.Yield()
			time.Sleep(time.Millisecond) // in which nobody else runs
			_, err = b.Wait()
			require.NoError(t, err)
			require.NoError(t, first.Get())
		}
		require.NoError(t, b.Close())
	})
}
