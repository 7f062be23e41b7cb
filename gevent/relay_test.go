//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A handler alone does not keep the hub from seeing that nothing goes on; a wait for a signal does.
func TestOnSignalHidesNoDeadlock(t *testing.T) {
	err := Run(func() error {
		OnSignal(func(os.Signal) {}, syscall.SIGUSR1)
		Notify(syscall.SIGUSR1)
		return GetHub().sched.Park(why)
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, err, &deadlock)
	noGoroutines(t)
}

// However many collect, one goroutine brings the signals; it ends with the hub, as do those that nobody has stopped.
func TestOneGoroutineForAllSignals(t *testing.T) {
	var left *Signals
	run(t, func() error {
		for range 5 {
			left = Notify(syscall.SIGUSR1)
			OnSignal(func(os.Signal) {}, syscall.SIGUSR2)
		}
		all := make([]byte, 1<<20)
		eventually(t, func() bool {
			return strings.Count(string(all[:runtime.Stack(all, true)]), "(*relay).run(") == 1
		})
		sendSignals(t, left, syscall.SIGUSR1)
		return nil
	})
	left.Stop()
	run(t, func() error {
		_, err := left.Wait()
		require.ErrorIs(t, err, os.ErrClosed)
		return nil
	})
}

func TestSignalsOfTwoHubs(t *testing.T) {
	run(t, func() error {
		s := Notify(syscall.SIGUSR1)
		defer s.Stop()
		ready := make(chan struct{})
		other, err := Go(func() (<-chan error, error) {
			ended := make(chan error, 1)
			go func() {
				ended <- Run(func() error {
					s := Notify(syscall.SIGUSR1)
					close(ready)
					_, err := s.Wait()
					return err
				})
			}()
			return ended, nil
		}).Get()
		require.NoError(t, err)
		awaitDone(t, ready)
		sendSignals(t, s, syscall.SIGUSR1)
		_, err = await(func() (any, error) { return nil, <-other })
		return err
	})
}

// Once nobody collects it, a signal has its default effect again; another one that is still collected has not.
func TestStoppedSignalEndsTheProcess(t *testing.T) {
	processes(t, func() error {
		c := Command(os.Args[0])
		c.Env = append(os.Environ(), roleVariable+"=stops collecting")
		out, err := c.CombinedOutput()
		require.Error(t, err)
		code, _ := c.ExitCode()
		require.Equal(t, -int(syscall.SIGTERM), code, "%s", out)
		return nil
	})
}

func init() {
	roles["stops collecting"] = func() error {
		return Run(func() error {
			kept, stopped := Notify(syscall.SIGUSR1), Notify(syscall.SIGTERM, syscall.SIGUSR1)
			stopped.Stop()
			if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
				return err
			}
			if _, err := kept.Wait(); err != nil {
				return err
			}
			if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
				return err
			}
			return Sleep(patience)
		})
	}
}

// However late the relay is, a signal that comes again and again takes no room from another one.
func TestSignalIsNotCrowdedOut(t *testing.T) {
	seen := make(chan os.Signal, 8)
	signal.Notify(seen, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(seen)
	one, two := syscall.SIGUSR1, syscall.SIGUSR2
	for _, asked := range [][]os.Signal{{one, two}, {one, one, two}, nil} {
		run(t, func() error {
			s := Notify(asked...)
			defer s.Stop()
			relay := GetHub().signals
			relay.mu.Lock()
			for i := range 100 {
				sig := syscall.SIGUSR1
				if i == 99 {
					sig = syscall.SIGUSR2
				}
				require.NoError(t, syscall.Kill(syscall.Getpid(), sig))
				require.Equal(t, sig, <-seen)
			}
			relay.mu.Unlock()
			eventually(t, func() bool { return slices.Contains(s.pending, os.Signal(syscall.SIGUSR2)) })
			return nil
		})
	}
}
