//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// The hub's end terminates daemons and waits for the others, also if main returns at once, or they were started last of
// all.
func TestEndOfTheHub(t *testing.T) {
	before := openFds()
	var daemon, other *mp.Process
	require.NoError(t, gevent.Run(func() error {
		r, s := pipe[int](t)
		other = begin(t, lingers, r)
		daemon = sleeps.Process(nothing{})
		daemon.SetDaemon(true)
		require.NoError(t, daemon.Start())
		return s.Close()
	}))
	code, over := daemon.ExitCode()
	require.True(t, over)
	require.Equal(t, -int(syscall.SIGTERM), code)
	code, over = other.ExitCode()
	require.True(t, over)
	require.Equal(t, 5, code)
	noZombies(t)
	require.Equal(t, before, openFds(), "descriptors left")
	run(t, func() error { // another hub can ask
		require.NoError(t, other.Join())
		require.False(t, other.IsAlive())
		return other.Close()
	})
}

var lingers = mp.Define("lingers", func(r *mp.Receiver[int]) error {
	if _, err := r.Recv(); err != io.EOF {
		return err
	}
	return errors.Join(gevent.Sleep(20*time.Millisecond), mp.ExitStatus(5))
})

// A daemon that does not listen to SIGTERM is killed in the end.
func TestDeafDaemon(t *testing.T) {
	var p *mp.Process
	require.NoError(t, gevent.Run(func() error {
		r, s := pipe[int](t)
		p = deaf.Process(s)
		p.SetDaemon(true)
		require.NoError(t, p.Start())
		require.Equal(t, 1, got[int](t)(r.Recv()))
		return nil
	}))
	code, _ := p.ExitCode()
	require.Equal(t, -int(syscall.SIGKILL), code)
	noZombies(t)
}

var deaf = mp.Define("deaf", func(s *mp.Sender[int]) error {
	signal.Ignore(syscall.SIGTERM)
	if err := s.Send(1); err != nil {
		return err
	}
	time.Sleep(time.Hour)
	return nil
})

var wantsChild = mp.Define("wants a child", func(s *mp.Sender[string]) error {
	_, err := sleeps.Start(nothing{})
	return s.Send(fmt.Sprint(err))
})

func TestDaemonHasNoChildren(t *testing.T) {
	run(t, func() error {
		r, s := pipe[string](t)
		p := wantsChild.Process(s)
		p.SetDaemon(true)
		require.True(t, p.Daemon())
		require.NoError(t, p.Start())
		require.Equal(t, mp.ErrDaemon.Error(), got[string](t)(r.Recv()))
		ends(t, p, 0)
		return r.Close()
	})
}

// A process that is killed takes its daemons with it, though they block their hub, and no others: those find out.
func TestKilledParent(t *testing.T) {
	run(t, func() error {
		fromDaemon, s := pipe[int](t)
		fromOrphan, o := pipe[int](t)
		p := begin(t, hasFamily, family{s, o})
		daemon := got[int](t)(fromDaemon.Recv())
		orphan := got[int](t)(fromOrphan.Recv())
		require.NoError(t, p.Kill())
		ends(t, p, -int(syscall.SIGKILL))
		_, err := fromDaemon.Recv()
		require.Equal(t, io.EOF, err)
		require.Equal(t, -1, got[int](t)(fromOrphan.Recv()))
		_, err = fromOrphan.Recv()
		require.Equal(t, io.EOF, err)
		eventually(t, func() bool { return gone(daemon) && gone(orphan) })
		closeAll(t, fromDaemon, fromOrphan)
		return nil
	})
}

// A child whose parent has ended before it has told the child anything says so, and ends.
func TestParentGoneInStart(t *testing.T) {
	lifeline, ours, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, ours.Close())
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "GREENLOOP_MULTIPROCESSING=1")
	c.ExtraFiles = []*os.File{lifeline}
	out, err := c.CombinedOutput()
	require.EqualError(t, err, "exit status 1")
	require.Equal(t, "mp: a process ends: its parent has ended before it could say what to do\n", string(out))
	require.NoError(t, lifeline.Close())
}

// gone reports whether a process has ended, though its new parent may not have reaped it.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
	return strings.Contains(string(stat), ") Z")
}

type family struct{ Daemon, Orphan *mp.Sender[int] }

var hasFamily = mp.Define("has a family", func(f family) error {
	d, o := blocks.Process(f.Daemon), survives.Process(f.Orphan)
	d.SetDaemon(true)
	return errors.Join(d.Start(), o.Start(), gevent.Sleep(time.Hour))
})

var (
	blocks = mp.Define("blocks", func(s *mp.Sender[int]) error {
		if err := s.Send(os.Getpid()); err != nil {
			return err
		}
		time.Sleep(time.Hour) // it blocks its hub
		return nil
	})
	survives = mp.Define("survives", func(s *mp.Sender[int]) error {
		if err := s.Send(os.Getpid()); err != nil {
			return err
		}
		parent := mp.ParentProcess()
		_, err := mp.Wait(gevent.Never, parent)
		if err := errors.Join(err, parent.Join(), parent.JoinTimeout(0)); err != nil || parent.IsAlive() {
			return errMade
		}
		return s.Send(-1)
	})
)

// Ctrl-C goes to the whole group: a child has no handler.
func TestInterruptedGroup(t *testing.T) {
	c := roleOf("waits for a child")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	require.NoError(t, syscall.Kill(-c.Process.Pid, syscall.SIGINT))
	line, err = lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "child: -2\n", line)
	require.NoError(t, c.Wait())
}

func init() {
	roles["waits for a child"] = func() {
		err := gevent.Run(func() error {
			defer gevent.OnSignal(func(os.Signal) {}, syscall.SIGINT)()
			r, s, err := mp.Pipe[int]()
			if err != nil {
				return err
			}
			p, err := saysReady.Start(s)
			if err != nil {
				return err
			}
			if _, err := r.Recv(); err != nil {
				return err
			}
			fmt.Println("ready")
			err = p.Join()
			code, _ := p.ExitCode()
			fmt.Println("child:", code)
			return err
		})
		if err != nil {
			panic(err)
		}
	}
}

var saysReady = mp.Define("says ready", func(s *mp.Sender[int]) error {
	if err := s.Send(1); err != nil {
		return err
	}
	return gevent.Sleep(time.Hour)
})
