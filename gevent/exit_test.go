//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// noZombies checks that no child of this process is left, dead or alive, where the system tells.
func noZombies(t *testing.T) {
	t.Helper()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		rest := string(stat[bytes.LastIndexByte(stat, ')')+1:])
		var state string
		var parent int
		_, err = fmt.Sscan(rest, &state, &parent)
		require.NoError(t, err)
		require.NotEqual(t, os.Getpid(), parent, "a child is left: %s", stat)
	}
}

// gonePid checks that the process is no more, not even as a zombie.
func gonePid(t *testing.T, pid int) {
	t.Helper()
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

// Who only waits for a process burns no CPU: the poller is asked a few times, not all the time.
func TestWaitingForACommandIsIdle(t *testing.T) {
	processes(t, func() error {
		h := GetHub()
		before := h.Stats().Polls
		require.NoError(t, shell("sleep 0.3").Run())
		require.Less(t, h.Stats().Polls-before, uint64(20))
		return nil
	})
}

// Nobody calls Wait, and yet no zombie stays.
func TestUnwaitedCommandIsReaped(t *testing.T) {
	processes(t, func() error {
		c := Command("true")
		require.NoError(t, c.Start())
		eventually(t, c.Ready)
		gonePid(t, c.Pid())
		return nil
	})
}

func TestManyCommandsInARow(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	processes(t, func() error {
		require.NoError(t, Command("true").Run())
		before := openFds()
		for range rounds {
			c := shell("exit 3")
			c.Stdin, c.Stdout = strings.NewReader("x"), io.Discard
			require.Error(t, c.Run())
			gonePid(t, c.Pid())
		}
		noDescriptors(t, before)
		return nil
	})
}

func TestManyCommandsAtOnce(t *testing.T) {
	processes(t, func() error {
		before := openFds()
		var gs []*Result[[]byte]
		for i := range 50 {
			gs = append(gs, Go(func() ([]byte, error) {
				c := shell("read x; echo $x")
				c.Stdin = strings.NewReader(fmt.Sprintln(i))
				return c.Output()
			}))
		}
		for i, g := range gs {
			out, err := g.Get()
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintln(i), string(out))
		}
		noZombies(t)
		noDescriptors(t, before)
		return nil
	})
}

// Hubs, and others in the process, see the ends of their own processes only, and any Signals sees SIGCHLD.
func TestHubsDoNotStealProcesses(t *testing.T) {
	var group sync.WaitGroup
	for hub := range 3 {
		group.Go(func() {
			err := Run(func() error {
				for i := range 10 {
					c := shell(fmt.Sprintf("exit %d", 10*hub+i+1))
					if err := c.Run(); err == nil {
						return errors.New("no error")
					}
					if code, _ := c.ExitCode(); code != 10*hub+i+1 {
						return fmt.Errorf("%d instead of %d", code, 10*hub+i+1)
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for range 10 {
		if err := exec.Command("true").Run(); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
}

func TestChildSignalIsSeenByAll(t *testing.T) {
	processes(t, func() error {
		s := Notify(syscall.SIGCHLD)
		defer s.Stop()
		seen := 0
		defer OnSignal(func(os.Signal) { seen++ }, syscall.SIGCHLD)()
		require.NoError(t, Command("true").Run())
		sig, err := s.WaitTimeout(patience)
		require.NoError(t, err)
		require.Equal(t, syscall.SIGCHLD, sig)
		eventually(t, func() bool { return seen > 0 })
		return nil
	})
}

// Where there is no descriptor of a process a goroutine waits for it.
func TestCommandWithoutPidfd(t *testing.T) {
	processes(t, func() error {
		in := exec.Command("/bin/sh", "-c", "exit 5")
		require.NoError(t, in.Start())
		h := GetHub()
		poll := h.poll
		h.poll = nil
		var e processExit
		e.begin(h, in)
		h.poll = poll
		require.False(t, e.polled)
		for !e.over {
			e.wait(h, h.sched.After(patience))
		}
		var exited *ExitError
		require.ErrorAs(t, e.err, &exited)
		require.Equal(t, 5, exited.ExitCode())
		return nil
	})
}
