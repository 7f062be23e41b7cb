//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
	"greenloop/sched/schedtest"
)

// Where the end of a process cannot be polled, a goroutine waits for it, as on systems other than Linux.
func TestProcessWithoutPoller(t *testing.T) {
	before := openFds()
	clock := new(schedtest.Clock)
	var daemon, other *mp.Process
	config := gevent.Config{Clock: clock, Poller: schedtest.NewPoller(clock), Watchdog: -1}
	require.NoError(t, gevent.RunConfig(config, func() error {
		_, _, err := mp.Pipe[int]()
		require.ErrorIs(t, err, errors.ErrUnsupported)
		p := begin(t, exits, "status")
		require.NoError(t, p.Join())
		code, over := p.ExitCode()
		require.True(t, over)
		require.Equal(t, 8, code)
		require.Empty(t, mp.ActiveChildren())

		daemon, other = sleeps.Process(nothing{}), begin(t, exits, "error")
		daemon.SetDaemon(true)
		return daemon.Start()
	}))
	code, _ := other.ExitCode()
	require.Equal(t, 1, code)
	code, over := daemon.ExitCode()
	require.True(t, over)
	require.Contains(t, []int{-int(syscall.SIGTERM), -int(syscall.SIGKILL)}, code, "virtual time has no patience")
	noZombies(t)
	require.Equal(t, before, openFds(), "descriptors left")
}
