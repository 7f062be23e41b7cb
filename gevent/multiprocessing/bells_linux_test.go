package multiprocessing

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"greenloop/gevent"
)

// The descriptor of a process that is watched no longer tells nothing, though a child that is just being started has it
// still: its number may be another process's by then.
func TestDeathIsForgotten(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	require.NoError(t, cmd.Start())
	s := newSources()
	defer s.close()
	began, _ := beginOf(cmd.Process.Pid)
	sysfd, ok := s.addDeath(newIdentity(cmd.Process.Pid, began))
	require.True(t, ok)
	kept, err := unix.Dup(int(sysfd))
	require.NoError(t, err)
	defer unix.Close(kept)
	s.removeDeath(sysfd)
	require.NoError(t, cmd.Process.Kill())
	require.ErrorContains(t, cmd.Wait(), "killed")
	s.collect(func(int32) {}, func(int32) { t.Error("it has told") })
}

// Without descriptors those who wait look again and again, and nothing is left of that.
func TestBellsWithoutDescriptors(t *testing.T) {
	require.NoError(t, gevent.Run(func() error {
		hub := gevent.GetHub()
		l, err := NewLock()
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, l.Acquire())
			waiter := gevent.Spawn(l.Acquire)
			var limit unix.Rlimit
			require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
			require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Max: limit.Max}))
			gevent.Yield()
			require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
			require.NotNil(t, towers.of[hub])
			require.Nil(t, towers.of[hub].sources)
			require.NoError(t, l.Release())
			require.NoError(t, waiter.Get())
			require.Nil(t, towers.of[hub])
			require.NoError(t, l.Release())
		}
		return l.Close()
	}))
}

// stopped is a process that is within the latch of a lock, and stays there.
func stopped(t *testing.T, l *Lock) (goOn func()) {
	id := newIdentity(os.Getppid(), 0)
	require.True(t, l.r.header().latch.CompareAndSwap(0, uint64(id)))
	return l.r.leave
}

// What waits for the latch keeps the region, and is not lost when it is killed there, even twice.
func TestLatchOfAStoppedProcess(t *testing.T) {
	require.NoError(t, gevent.Run(func() error {
		l, err := NewLock()
		require.NoError(t, err)
		require.NoError(t, l.Acquire())
		waiter := gevent.Spawn(l.Acquire)
		gevent.Yield()
		at[lockState](l.r, 0).next.of.Store(uint64(me())) // as after a few tries in vain

		goOn := stopped(t, l)
		releases := gevent.Spawn(l.Release)
		require.NoError(t, gevent.Sleep(time.Millisecond))
		waiter.KillAsync()
		require.NoError(t, gevent.Sleep(time.Millisecond))
		waiter.KillAsync()
		require.NoError(t, gevent.Sleep(time.Millisecond))
		require.False(t, releases.Ready())
		require.Equal(t, ErrLocked, l.Close())
		goOn()
		require.NoError(t, releases.Get())
		require.ErrorIs(t, waiter.Get(), gevent.ErrExit)
		require.Zero(t, at[lockState](l.r, 0).next.of.Load())
		require.Empty(t, l.r.waiting)

		goOn = stopped(t, l)
		releases = gevent.Spawn(l.Release)
		require.NoError(t, gevent.Sleep(time.Millisecond))
		require.Equal(t, ErrLocked, l.Close())
		goOn()
		require.Equal(t, ErrNotHeld, releases.Get())
		return l.Close()
	}))
}
