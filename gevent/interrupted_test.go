//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func init() {
	roles["interrupted main"] = interruptedMain
}

func TestWithSignals(t *testing.T) {
	run(t, func() error {
		for range 2 {
			err := WithSignals(func() error {
				require.NoError(t, Sleep(time.Millisecond))
				require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR1))
				err := Sleep(time.Hour)
				require.Equal(t, err, Sleep(time.Hour), "each wait")
				require.Equal(t, err, Canceled())
				require.NoError(t, Shield(func() error { return Sleep(time.Millisecond) }))
				return err
			}, syscall.SIGUSR1, syscall.SIGUSR2)
			require.ErrorIs(t, err, ErrInterrupted)
			require.EqualError(t, err, "gevent: interrupted by signal: user defined signal 1")
			var interrupt *InterruptError
			require.ErrorAs(t, err, &interrupt)
			require.Equal(t, syscall.SIGUSR1, interrupt.Signal)
			require.NoError(t, Sleep(1), "the scope is left")
		}
		require.NoError(t, WithSignals(func() error { return Sleep(1) }, syscall.SIGUSR1))
		return WithSignals(func() error {
			require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGTERM))
			require.EqualError(t, Sleep(time.Hour), "gevent: interrupted by signal: terminated", "the default")
			return nil
		})
	})
}

// A state in which all wait for what cannot come is no deadlock as long as a signal may.
func TestWithSignalsIsNoDeadlock(t *testing.T) {
	run(t, func() error {
		worker := Spawn(Current().Join)
		Spawn(func() error { return syscall.Kill(syscall.Getpid(), syscall.SIGUSR1) }) // once main waits
		require.ErrorIs(t, WithSignals(worker.Join, syscall.SIGUSR1), ErrInterrupted)
		return worker.Kill()
	})
}

// interruptedMain is a program that an interrupt ends: in good order at the first one, at once at the second.
func interruptedMain() error {
	return Run(func() error {
		err := WithSignals(func() error {
			fmt.Println("serving")
			return Sleep(time.Hour)
		}, os.Interrupt)
		if !errors.Is(err, ErrInterrupted) {
			return err
		}
		fmt.Println("cleaning up")
		return Sleep(time.Hour)
	})
}

func TestSecondInterruptEndsTheProgram(t *testing.T) {
	cmd := inProcess("interrupted main")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	watchdog := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	for _, line := range []string{"serving\n", "cleaning up\n"} {
		got := make([]byte, len(line))
		_, err := out.Read(got)
		require.NoError(t, err)
		require.Equal(t, line, string(got))
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
	}
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, syscall.SIGINT, exit.Sys().(syscall.WaitStatus).Signal())
}
