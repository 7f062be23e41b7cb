//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
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

// sendSignals sends signals to this process and waits until s has taken them.
func sendSignals(t *testing.T, s *Signals, signals ...syscall.Signal) {
	t.Helper()
	for _, sig := range signals {
		require.NoError(t, syscall.Kill(syscall.Getpid(), sig))
		eventually(t, func() bool { return slices.Contains(s.pending, os.Signal(sig)) })
	}
}

func TestSignalsAreKeptWhileNobodyWaits(t *testing.T) {
	run(t, func() error {
		s := Notify(syscall.SIGUSR1, syscall.SIGUSR2)
		defer s.Stop()
		_, ok := s.TryWait()
		require.False(t, ok)
		_, err := s.WaitTimeout(0)
		require.ErrorIs(t, err, ErrTimeout)
		_, err = s.WaitTimeout(time.Millisecond)
		require.ErrorIs(t, err, ErrTimeout)
		require.False(t, s.Ready())

		sendSignals(t, s, syscall.SIGUSR2, syscall.SIGUSR1)
		s.deliver(syscall.SIGUSR2)
		require.True(t, s.Ready())
		sig, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, syscall.SIGUSR2, sig)
		sig, ok = s.TryWait()
		require.True(t, ok)
		require.Equal(t, syscall.SIGUSR1, sig)
		_, ok = s.TryWait()
		require.False(t, ok, "the second SIGUSR2 came while the first was kept")
		return nil
	})
}

// A signal that comes in the same moment as the end of the wait is not lost: the waiter has it, or the next one gets it.
func TestInterruptedWaitLosesNoSignal(t *testing.T) {
	for name, end := range waysToEnd {
		t.Run(name, func(t *testing.T) {
			run(t, func() error {
				s := Notify(syscall.SIGUSR1)
				defer s.Stop()
				wait := func() error { _, err := s.Wait(); return err }
				g := Spawn(wait)
				parked(t, g)
				end(t, g)
				s.deliver(syscall.SIGUSR1)
				require.NoError(t, Spawn(wait).Get(), "after the end")

				g = Spawn(wait)
				parked(t, g)
				s.deliver(syscall.SIGUSR1)
				if name == "kill" {
					g.KillAsync()
				} else {
					throw(g, errMade)
				}
				late := Spawn(wait)
				require.NoError(t, g.Get(), "before the end: it has it")
				parked(t, late)
				return late.Kill()
			})
		})
	}
}

func TestSignalsServeInOrder(t *testing.T) {
	run(t, func() error {
		s := Notify(syscall.SIGUSR1)
		defer s.Stop()
		var l log
		var gs []*Greenlet
		for _, name := range []string{"a", "b", "c"} {
			gs = append(gs, Spawn(func() error { _, err := s.Wait(); l.add(name); return err }))
		}
		parked(t, gs...)
		s.deliver(syscall.SIGUSR1)
		s.deliver(syscall.SIGUSR1)
		_, ok := s.TryWait()
		require.False(t, ok, "they are in hand")
		s.deliver(syscall.SIGUSR1)
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "a b c", l.String())
		return nil
	})
}

func TestSignalsStop(t *testing.T) {
	run(t, func() error {
		s := Notify(syscall.SIGUSR1)
		g := Spawn(func() error { _, err := s.Wait(); return err })
		parked(t, g)
		s.Stop()
		s.Stop()
		require.ErrorIs(t, g.Get(), os.ErrClosed)
		_, err := s.Wait()
		require.ErrorIs(t, err, os.ErrClosed)
		s.deliver(syscall.SIGUSR1) // was on its way
		_, ok := s.TryWait()
		require.False(t, ok)
		return nil
	})
}

func TestSignalsAll(t *testing.T) {
	run(t, func() error {
		s := Notify(syscall.SIGUSR1, syscall.SIGUSR2)
		var l log
		g := Spawn(func() error {
			for sig, err := range s.All() {
				if err != nil {
					l.add(err.Error())
					continue
				}
				l.add(fmt.Sprint(sig))
			}
			for range s.All() { // goes on where it was
				break
			}
			return nil
		})
		parked(t, g)
		s.deliver(syscall.SIGUSR1)
		s.deliver(syscall.SIGUSR2)
		parked(t, g)
		throw(g, errMade)
		parked(t, g)
		s.deliver(syscall.SIGUSR1)
		require.NoError(t, g.Get())
		require.Equal(t, "user defined signal 1 user defined signal 2 "+errMade.Error(), l.String())
		g = Spawn(func() error {
			for range s.All() {
				t.Error("there is none")
			}
			return nil
		})
		parked(t, g)
		s.Stop()
		return g.Get()
	})
}

// Each signal has a greenlet of its own, whose panic goes to the error handler and ends nothing else.
func TestOnSignal(t *testing.T) {
	var r reports
	require.NoError(t, runConfig(t, r.config(), func() error {
		var seen []*Greenlet
		cancel := OnSignal(func(sig os.Signal) {
			seen = append(seen, Current())
			require.NoError(t, Sleep(time.Millisecond))
			if len(seen) == 2 {
				panic(errMade)
			}
		}, syscall.SIGUSR1)
		for i := range 3 {
			require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR1))
			eventually(t, func() bool { return len(seen) == i+1 && seen[i].Ready() })
		}
		require.NotSame(t, seen[0], seen[1])
		require.Len(t, r.errs, 1)
		require.ErrorIs(t, r.errs[0], errMade)
		require.Same(t, seen[1], r.greenlets[0])
		other := Notify(syscall.SIGUSR1)
		cancel()
		cancel()
		sendSignals(t, other, syscall.SIGUSR1)
		other.Stop()
		require.Len(t, seen, 3)
		require.PanicsWithValue(t, "gevent: OnSignal of a nil function", func() { OnSignal(nil) })
		return nil
	}))
}

// Signals are something that one can wait for among others; that is no deadlock either.
func TestSignalsAreWaitable(t *testing.T) {
	run(t, func() error {
		s := Notify(syscall.SIGUSR1)
		defer s.Stop()
		var done sched.WaitQueue
		told, never := 0, &observer{notify: func() { t.Error("told") }}
		Waitable(s).observe(&observer{notify: func() { told++; done.Wake() }})
		s.observe(never)
		s.ignore(never)
		timer := time.AfterFunc(time.Millisecond, func() { _ = syscall.Kill(syscall.Getpid(), syscall.SIGUSR1) })
		defer timer.Stop()
		require.NoError(t, done.Wait(GetHub().sched, why))
		require.Nil(t, s.release)
		s.observe(&observer{notify: func() { told++ }})
		require.Equal(t, 2, told, "it is ready")
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
