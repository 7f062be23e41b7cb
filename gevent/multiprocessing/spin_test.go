//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"greenloop/gevent"
)

// Looking in vain makes it rare; once it was worth it, it is done each time again.
func TestSpinnerBacksOff(t *testing.T) {
	if !severalCPUs {
		t.Skip("on one CPU nobody spins")
	}
	inHub(t, func() {
		var s spinner
		looks := 0
		for range 10_000 {
			tries := 0
			s.spin(gevent.GetHub(), func() bool { tries++; return false })
			if tries > 0 {
				looks++
			}
			gevent.Yield()
		}
		require.Less(t, looks, 60)
		require.Equal(t, maxVain, s.vain)
		for s.skip > 0 {
			require.False(t, s.spin(gevent.GetHub(), nil))
		}
		require.NoError(t, gevent.Sleep(time.Microsecond)) // so that events are looked at
		for range maxVain {
			require.True(t, s.spin(gevent.GetHub(), func() bool { return true }))
		}
		require.Equal(t, spinner{}, s)
	})
}

func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u unix.Rusage
	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Who waits, waits without a CPU, and so does who waits again and again.
func TestSpinnerLetsIdleProcessesSleep(t *testing.T) {
	inHub(t, func() {
		a, b, err := NewConnections()
		require.NoError(t, err)
		for range 100 { // it is worth it
			a.spinner = spinner{}
			require.NoError(t, b.SendBytes([]byte("x")))
			_, err := a.RecvBytes()
			require.NoError(t, err)
		}
		before := cpuTime(t)
		_, err = a.RecvBytesTimeout(250 * time.Millisecond)
		require.ErrorIs(t, err, gevent.ErrTimeout)
		require.Less(t, cpuTime(t)-before, 100*time.Millisecond)

		before = cpuTime(t)
		for range 25 {
			_, err = a.RecvBytesTimeout(2 * time.Millisecond)
			require.ErrorIs(t, err, gevent.ErrTimeout)
		}
		require.Less(t, a.spinner.skip, 1<<maxVain)
		require.Less(t, cpuTime(t)-before, 25*time.Millisecond)
		require.NoError(t, a.Close())
		require.NoError(t, b.Close())
	})
}
