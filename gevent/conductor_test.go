//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The process lives on when a wait for it is over, however it ended.
func TestEndedWaitLeavesTheProcess(t *testing.T) {
	processes(t, func() error {
		c := Command("cat")
		in, err := c.StdinPipe()
		require.NoError(t, err)
		require.EqualError(t, c.Wait(), "gevent: command not started")
		require.NoError(t, c.Start())
		require.EqualError(t, c.Start(), "gevent: command already started")
		require.EqualError(t, c.Run(), "gevent: command already started")
		for name, end := range waysToEnd {
			if name == "timeout" {
				require.ErrorIs(t, c.WaitTimeout(time.Millisecond), ErrTimeout)
				require.ErrorIs(t, c.WaitTimeout(0), ErrTimeout)
				continue
			}
			g := Spawn(c.Wait)
			parked(t, g)
			require.Contains(t, g.task.Why().String(), "end of cat (process ")
			end(t, g)
		}
		over, _ := c.TryWait()
		require.False(t, over)
		require.False(t, c.Ready())
		require.NoError(t, syscall.Kill(c.Pid(), 0))
		_, ended := c.ExitCode()
		require.False(t, ended)

		var l log
		var gs []*Greenlet
		for i := range 3 {
			gs = append(gs, Spawn(func() error { err := c.Wait(); l.add(fmt.Sprint(i)); return err }))
		}
		parked(t, gs...)
		require.NoError(t, in.Close())
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "0 1 2", l.String())
		require.NoError(t, c.Wait(), "again")
		require.NoError(t, c.WaitTimeout(0), "again")
		over, err = c.TryWait()
		require.True(t, over)
		return err
	})
}

// waysToEnd are the ways in which a greenlet's wait is ended by others; each returns when the greenlet has ended.
var waysToEnd = map[string]func(t *testing.T, g *Greenlet){
	"kill":  func(t *testing.T, g *Greenlet) { require.NoError(t, g.Kill()); require.Equal(t, ErrExit, g.Err()) },
	"throw": func(t *testing.T, g *Greenlet) { throw(g, errMade); require.ErrorIs(t, g.Get(), errMade) },
	"cancel": func(t *testing.T, g *Greenlet) {
		g.hub.sched.Cancel(&g.task, errMade)
		require.ErrorIs(t, g.Get(), errMade)
	},
	"timeout": func(t *testing.T, g *Greenlet) {
		g.hub.sched.SetTimeout(&g.task, 1)
		require.ErrorIs(t, g.Get(), ErrTimeout)
	},
}

// Run and Output leave no process behind, however they are ended, not even if something else holds on to the pipes.
func TestEndedRunKillsTheProcess(t *testing.T) {
	for name, end := range waysToEnd {
		t.Run(name, func(t *testing.T) {
			processes(t, func() error {
				for _, script := range []string{"echo begun; exec sleep 1000", "trap '' TERM; sleep 0.05 & echo begun; read x; wait"} {
					c := shell(script)
					out := new(bytes.Buffer)
					c.Stdout = out
					in, err := c.StdinPipe()
					require.NoError(t, err)
					g := Spawn(c.Run)
					eventually(t, func() bool { return out.Len() > 0 })
					require.NoError(t, syscall.Kill(c.Pid(), 0))
					end(t, g)
					require.True(t, c.Ready()) // it was waited for, even in a scope that is over
					gonePid(t, c.Pid())
					require.Equal(t, "begun\n", out.String())
					code, _ := c.ExitCode()
					require.Equal(t, -int(syscall.SIGKILL), code)
					_, err = in.Write([]byte("x"))
					require.ErrorIs(t, err, os.ErrClosed)
				}
				return nil
			})
		})
	}
}

// A timeout returns what was written until then, and is not held up by a grandchild that has the pipe open.
func TestOutputTimeoutWithGrandchild(t *testing.T) {
	calls := map[string]func(c *Cmd) ([]byte, error){
		"Output":         func(c *Cmd) ([]byte, error) { return c.OutputTimeout(time.Hour) },
		"CombinedOutput": func(c *Cmd) ([]byte, error) { return c.CombinedOutputTimeout(time.Hour) },
		"Run": func(c *Cmd) ([]byte, error) {
			var out bytes.Buffer
			c.Stdout = &out
			err := c.RunTimeout(time.Hour)
			return out.Bytes(), err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			run(t, func() error {
				c := shell("sleep 1000 & echo $!; touch written; wait")
				c.Dir = dir
				g := Go(func() ([]byte, error) { return call(c) })
				eventually(t, func() bool { _, err := os.Stat(dir + "/written"); return err == nil })
				g.hub.sched.SetTimeout(&g.task, 1) // the hour is over
				out, err := g.Get()
				require.ErrorIs(t, err, ErrTimeout)
				gonePid(t, c.Pid())
				var grandchild int
				_, err = fmt.Sscan(string(out), &grandchild)
				require.NoError(t, err)
				require.ErrorIs(t, shell("exec sleep 1000").RunTimeout(0), ErrTimeout)
				return syscall.Kill(grandchild, syscall.SIGKILL)
			})
		})
	}
}

func TestWaitDelay(t *testing.T) {
	run(t, func() error {
		var out bytes.Buffer
		c := shell("sleep 1000 & echo $!; exit 0")
		c.Stdout = &out
		c.WaitDelay = 10 * time.Millisecond
		require.Equal(t, ErrWaitDelay, c.Run())
		require.Equal(t, "exit status 0", c.ProcessState.String())
		var grandchild int
		_, err := fmt.Sscan(out.String(), &grandchild)
		require.NoError(t, err)
		return syscall.Kill(grandchild, syscall.SIGKILL)
	})
}

func TestCommandContext(t *testing.T) {
	processes(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		c := CommandContext(ctx, "sleep", "1000")
		g := Spawn(c.Run)
		parked(t, g)
		go cancel()
		err := g.Get()
		require.ErrorIs(t, err, context.Canceled)
		var exited *ExitError
		require.ErrorAs(t, err, &exited)
		require.Equal(t, "signal: killed", exited.Error())
		gonePid(t, c.Pid())
		require.ErrorIs(t, CommandContext(ctx, "sleep", "1000").Run(), context.Canceled, "it does not even start")

		ctx, cancel = context.WithTimeout(context.Background(), time.Hour)
		c = CommandContext(ctx, "true")
		require.NoError(t, c.Run(), "the context does not matter to what ends before")
		cancel()
		require.NoError(t, c.Wait())

		c = Command("true")
		c.Cancel = func() error { return nil }
		require.ErrorContains(t, c.Run(), "make it with CommandContext")
		var none context.Context
		require.Panics(t, func() { CommandContext(none, "true") })
		return nil
	})
}

// After the end of the context nothing is waited for, not even without a WaitDelay: os/exec would, for ever.
func TestCommandContextWithGrandchild(t *testing.T) {
	for _, script := range []string{"sleep 1000 & echo $!; wait", "sleep 1000 & echo $!"} {
		run(t, func() error {
			ctx, cancel := context.WithCancel(context.Background())
			var out bytes.Buffer
			c := CommandContext(ctx, "/bin/sh", "-c", script)
			c.Stdout = &out
			require.NoError(t, c.Start())
			eventually(t, func() bool { return out.Len() > 0 && (c.ProcessState != nil || strings.HasSuffix(script, "wait")) })
			require.False(t, c.Ready())
			cancel()
			require.ErrorIs(t, c.Wait(), context.Canceled)
			gonePid(t, c.Pid())
			var grandchild int
			_, err := fmt.Sscan(out.String(), &grandchild)
			require.NoError(t, err)
			return syscall.Kill(grandchild, syscall.SIGKILL)
		})
	}
}

func TestCommandCancel(t *testing.T) {
	processes(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		c := CommandContext(ctx, "/bin/sh", "-c", `trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done`)
		var out bytes.Buffer
		c.Stdout = &out
		c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
		require.NoError(t, c.Start())
		eventually(t, func() bool { return out.Len() > 0 })
		cancel()
		require.Equal(t, context.Canceled, errors.Unwrap(onlyOne(t, c.Wait())), "though it exited with 0")
		require.Equal(t, "ready\nbye\n", out.String(), "its last words are read")

		ctx, cancel = context.WithCancel(context.Background())
		c = CommandContext(ctx, "/bin/sh", "-c", `trap '' TERM; echo ready; while :; do sleep 0.01; done`)
		c.Stdout = &out
		c.Cancel = func() error { _ = c.Process.Signal(syscall.SIGTERM); return errMade }
		c.WaitDelay = 20 * time.Millisecond
		out.Reset()
		require.NoError(t, c.Start())
		eventually(t, func() bool { return out.Len() > 0 })
		cancel()
		err := c.Wait()
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errMade)
		code, _ := c.ExitCode()
		require.Equal(t, -int(syscall.SIGKILL), code, "it did not want to end")
		return nil
	})
}

func onlyOne(t *testing.T, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	require.Len(t, joined.Unwrap(), 1)
	return fmt.Errorf("%w", joined.Unwrap()[0])
}

// A Cmd is something that one can wait for among others.
func TestCommandIsWaitable(t *testing.T) {
	processes(t, func() error {
		c := Command("cat")
		in, err := c.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		var l log
		first, second := &observer{notify: func() { l.add("first") }}, &observer{notify: func() { l.add("second") }}
		for _, o := range []*observer{first, second} {
			Waitable(c).observe(o)
		}
		c.ignore(second)
		require.NoError(t, in.Close())
		require.NoError(t, c.Wait())
		c.observe(second)
		require.Equal(t, "first second", l.String())
		return nil
	})
}
