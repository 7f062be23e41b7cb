//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// What docs/SEMANTICS.md promises of processes and no other test had a reason to say.

// rowSet is set in the parent only.
var rowSet int

var rowLooks = mp.Define("rows: looks around", func(s *mp.Sender[[]int]) error {
	if err := s.Send([]int{rowSet, gevent.GetHub().Stats().Live}); err != nil {
		return err
	}
	return gevent.Sleep(time.Hour)
})

// No variable, no greenlet, no end of a pipe of the parent is in the child. Of the signals that the parent ignores, SIGTERM
// does there what it does by default; SIGHUP and SIGINT stay ignored, as with nohup.
func TestRowChildHasNothingOfItsParent(t *testing.T) {
	run(t, func() error {
		rowSet = 7
		signal.Ignore(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
		defer func() { // a Reset would leave them ignored, and children of later tests deaf while they start
			c := make(chan os.Signal, 1)
			signal.Notify(c, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
			signal.Stop(c)
		}()
		var all []*gevent.Greenlet
		for range 3 {
			all = append(all, gevent.Spawn(func() error { return gevent.Sleep(time.Hour) }))
		}
		gevent.Yield()
		r, s := pipe[int](t)
		told, say := pipe[[]int](t)
		p := begin(t, rowLooks, say)
		require.Equal(t, []int{0, 1}, got[[]int](t)(told.Recv()), "main alone")
		require.NoError(t, s.Close())
		require.Equal(t, io.EOF, val(r.RecvTimeout(patience)), "nobody else has the other end")
		require.NoError(t, syscall.Kill(p.PID(), syscall.SIGHUP))
		require.NoError(t, syscall.Kill(p.PID(), syscall.SIGINT))
		require.True(t, p.IsAlive())
		require.NoError(t, p.Terminate())
		ends(t, p, -int(syscall.SIGTERM))
		gevent.KillAll(all...)
		closeAll(t, r, told)
		return nil
	})
}

var rowNests = mp.Define("rows: nests", func(s *mp.Sender[[]any]) error {
	p, err := reports.Start(s)
	return errors.Join(err, p.Join(), p.Err())
})

// The parent of a grandchild is the child, by the name that was set.
func TestRowParentOfAGrandchild(t *testing.T) {
	run(t, func() error {
		r, s := pipe[[]any](t)
		p := rowNests.Process(s)
		byDefault := p.Name()
		p.SetName("Middle")
		require.NoError(t, p.Start())
		report := got[[]any](t)(r.Recv())
		require.Equal(t, []any{p.PID(), "Middle", true}, report[:3])
		require.Equal(t, byDefault+":1", report[4])
		ends(t, p, 0)
		return r.Close()
	})
}

var rowTakesProcess = mp.Define("rows: takes a process", func(*mp.Process) error { return nil })

// A process is joined by who has started it, as it cannot be sent.
func TestRowProcessDoesNotTravel(t *testing.T) {
	run(t, func() error {
		p := begin(t, exits, "nil")
		_, err := rowTakesProcess.Start(p)
		require.ErrorContains(t, err, "mp: cannot send a *multiprocessing.Process")
		ends(t, p, 0)
		return nil
	})
}

// The ends of pipes that are open when the hub ends are closed, which run checks, and a daemon does not hold that up.
func TestRowPipesEndWithTheHub(t *testing.T) {
	run(t, func() error {
		r, s := pipe[int](t)
		_, _ = duplex[int, int](t)
		p := lingers.Process(r)
		p.SetDaemon(true)
		require.NoError(t, p.Start())
		return s.Send(1)
	})
}

// Each who waits for a child of its own gets that one's status: nothing here waits for any child.
func TestRowProcessesBesideCommands(t *testing.T) {
	shell := func(code string) []string { return []string{"sh", "-c", "exit " + code} }
	run(t, func() error {
		other := shell("5")
		outside := gevent.Spawn(func() error {
			_, err := gevent.Offload(func() (int, error) { return 0, exec.Command(other[0], other[1:]...).Run() })
			return err
		})
		ours := shell("6")
		command := gevent.Command(ours[0], ours[1:]...)
		inside := gevent.Spawn(command.Run)
		p := begin(t, exits, "os.Exit")
		var exited *exec.ExitError
		require.ErrorAs(t, outside.Get(), &exited)
		require.Equal(t, 5, exited.ExitCode())
		var ended *gevent.ExitError
		require.ErrorAs(t, inside.Get(), &ended)
		require.Equal(t, 6, ended.ExitCode())
		ends(t, p, 9)
		return nil
	})
}

var rowLooksUp = mp.Define("rows: looks up names", func(c *mp.Conn[[]string, string]) error {
	for name, err := range c.All() {
		if err != nil {
			return err
		}
		addrs, err := gevent.GetHub().Resolver().LookupHost(context.Background(), name)
		if err := errors.Join(err, c.Send(addrs)); err != nil {
			return err
		}
	}
	return nil
})

// Several children at the same time, each with a pair of its own, look up names.
func TestRowPairsOfChildrenThatLookUpNames(t *testing.T) {
	run(t, func() error {
		want := got[[]string](t)(gevent.GetHub().Resolver().LookupHost(context.Background(), "localhost"))
		slices.Sort(want)
		n := 4
		if raceEnabled {
			n = 2
		}
		var all []*gevent.Greenlet
		for range n {
			all = append(all, gevent.Spawn(func() error {
				ours, theirs := duplex[string, []string](t)
				p := begin(t, rowLooksUp, theirs)
				for range 10 {
					require.NoError(t, ours.Send("localhost"))
					addrs := got[[]string](t)(ours.Recv())
					slices.Sort(addrs)
					require.Equal(t, want, addrs)
				}
				require.NoError(t, ours.Close())
				ends(t, p, 0)
				return nil
			}))
		}
		return gevent.JoinAll(all...)
	})
}

// An end at which a greenlet sends is not closed, and what was sent before the end was closed is received.
func TestRowCloseWhileSending(t *testing.T) {
	run(t, func() error {
		r, s := pipe[[]byte](t)
		sender := gevent.Spawn(func() error { return s.Send(make([]byte, 8<<20)) })
		gevent.Yield()
		require.Equal(t, mp.ErrLocked, s.Close())
		require.Len(t, got[[]byte](t)(r.Recv()), 8<<20)
		require.NoError(t, sender.Get())
		require.NoError(t, s.Close())
		require.Equal(t, io.EOF, val(r.Recv()))
		return r.Close()
	})
}

// Wait takes sockets beside connections and processes.
func TestRowWaitForASocket(t *testing.T) {
	run(t, func() error {
		one, other, err := gevent.SocketPair()
		require.NoError(t, err)
		a, b := connections(t)
		socket := one.Readable()
		require.Empty(t, got[[]gevent.Waitable](t)(mp.Wait(0, socket, a)))
		got[int](t)(other.Write([]byte("x")))
		require.Equal(t, []gevent.Waitable{socket}, got[[]gevent.Waitable](t)(mp.Wait(patience, socket, a)))
		require.NoError(t, b.SendBytes(nil))
		eventually(t, a.Ready)
		require.Equal(t, []gevent.Waitable{socket, a}, got[[]gevent.Waitable](t)(mp.Wait(patience, socket, a)))
		closeAll(t, one, other, a, b)
		return nil
	})
}

var rowReleases = mp.Define("rows: releases a lock", func(l *mp.Lock) error { return l.Release() })

// A lock may be released by a process that does not hold it, once.
func TestRowLockReleasedByAnotherProcess(t *testing.T) {
	run(t, func() error {
		l := lock(t)
		require.NoError(t, l.Acquire())
		ends(t, begin(t, rowReleases, l), 0)
		require.False(t, l.Locked())
		require.Equal(t, mp.ErrNotHeld, l.Release())
		require.NoError(t, l.Acquire())
		require.NoError(t, l.Release())
		return l.Close()
	})
}

// One party that waits too long breaks the barrier for those of other processes.
func TestRowBarrierTimeoutBreaksAll(t *testing.T) {
	run(t, func() error {
		k := &kit{Barrier: newBarrier(t, 3)}
		w := newKitWorker(t, k)
		w.begins(t, "Barrier.Wait")
		eventually(t, func() bool { return k.Barrier.Waiting() == 1 })
		require.Equal(t, gevent.ErrTimeout, val(k.Barrier.WaitTimeout(time.Millisecond)))
		require.Equal(t, broken, w.said(t))
		w.ends(t)
		return k.Barrier.Close()
	})
}

// What was put before a process was started is there.
func TestRowQueueFilledBeforeTheStart(t *testing.T) {
	run(t, func() error {
		to, from := queueOf[int](t, 0), queueOf[int](t, 0)
		for _, n := range []int{2, 3, -1} {
			require.NoError(t, to.Put(n))
		}
		ends(t, begin(t, queueSquares, queueArgs{From: to, To: from}), 0)
		require.Equal(t, []int{4, 9}, got[[]int](t)(from.GetMany(3)))
		closeAll(t, to, from)
		return nil
	})
}

// A process that has ended is reaped though nobody asks for it.
func TestRowReapedWithoutACall(t *testing.T) {
	run(t, func() error {
		p := begin(t, exits, "nil")
		pid := p.PID()
		eventually(t, func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
		ends(t, p, 0)
		return nil
	})
}
