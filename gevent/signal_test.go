//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWaitSignal(t *testing.T) {
	run(t, func() error {
		for range 3 {
			gs := make([]*Result[os.Signal], 2)
			for i := range gs {
				gs[i] = Go(func() (os.Signal, error) { return WaitSignal(syscall.SIGUSR1, syscall.SIGUSR2) })
			}
			parked(t, &gs[0].Greenlet, &gs[1].Greenlet)
			require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR2))
			for _, g := range gs {
				sig, err := g.Get()
				require.NoError(t, err)
				require.Equal(t, syscall.SIGUSR2, sig)
			}
		}
		return nil
	})
}

func TestInterruptedWaitSignal(t *testing.T) {
	run(t, func() error {
		wait := func() error { _, err := WaitSignal(syscall.SIGUSR1); return err }
		killed, thrown := Spawn(wait), Spawn(wait)
		parked(t, killed, thrown)
		require.NoError(t, killed.Kill())
		throw(thrown, errMade)
		require.Same(t, errMade, thrown.Get())
		pending := Spawn(func() error { throw(Current(), errMade); return wait() })
		require.Same(t, errMade, pending.Get())
		return nil
	})
}

// The usual program: serve until told to end, finish, and exit with 0.
func TestSignalEndsAServer(t *testing.T) {
	cmd := inProcess("server")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	watchdog := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	run(t, func() error {
		c := dialTo(t, address[:len(address)-1])
		mustWrite(t, c, "hello")
		mustRead(t, c, "hello")
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_, err := c.Read(make([]byte, 1))
		require.Error(t, err, "it is closed")
		closeAll(t, c)
		return nil
	})
	require.NoError(t, cmd.Wait())
}

func init() {
	roles["server"] = func() error {
		return Run(func() error {
			l, err := Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			s := &StreamServer{Handler: echo}
			serving := Spawn(func() error { return s.Serve(l) })
			stopping := Spawn(func() error {
				sig, err := WaitSignal(syscall.SIGTERM, os.Interrupt)
				if err != nil || sig != syscall.SIGTERM {
					return fmt.Errorf("%v: %w", sig, err)
				}
				if s.Stop(0) != 1 {
					return errors.New("there should be one client")
				}
				return nil
			})
			Yield()
			fmt.Println(l.Addr())
			if err := serving.Get(); err != ErrServerClosed {
				return err
			}
			return stopping.Get()
		})
	}
}
