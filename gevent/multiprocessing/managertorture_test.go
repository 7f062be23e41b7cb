//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// managerKills is how many clients are killed in a torture.
func managerKills() int {
	switch {
	case os.Getenv("GREENLOOP_TORTURE") != "":
		return 200
	case raceEnabled:
		return 2
	}
	return 5
}

// Clients that are killed at any instant lose at most the item in their hands, and nobody gets one twice. The lock is
// always free for the next one.
func TestManagerTorture(t *testing.T) {
	run(t, func() error {
		m := got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{}))
		l, q := got[*mp.LockProxy](t)(m.Lock()), managedQueue[int](t, m, 10)
		last := 0
		putting := gevent.Spawn(func() error {
			for {
				if err := q.Put(last + 1); err != nil {
					return err
				}
				last++
			}
		})
		kills, told := managerKills(), map[int]bool{}
		for range kills {
			r, s := pipe[int](t)
			p := begin(t, managerConsumer, managerConsumerArgs{q, l, s})
			for range 1 + rand.IntN(100) {
				n := got[int](t)(r.Recv())
				require.False(t, told[n], "an item came twice")
				told[n] = true
			}
			require.NoError(t, p.Kill())
			for n, err := range r.All() {
				if err != nil {
					require.Equal(t, io.ErrUnexpectedEOF, err)
					break
				}
				require.False(t, told[n], "an item came twice")
				told[n] = true
			}
			closeAll(t, r)
			ends(t, p, -int(syscall.SIGKILL))
		}
		require.NoError(t, putting.Kill())
		for {
			n, err := q.TryGet()
			if err != nil {
				require.Equal(t, gevent.ErrEmpty, err)
				break
			}
			require.False(t, told[n], "an item came twice")
			told[n] = true
		}
		require.GreaterOrEqual(t, len(told), last-kills, "more is lost than what was in hands")
		if err := l.AcquireTimeout(patience); err != nil {
			require.Equal(t, mp.ErrHolderDied, err)
		}
		return m.Shutdown()
	})
}

type managerConsumerArgs struct {
	Queue *mp.QueueProxy[int]
	Lock  *mp.LockProxy
	Say   *mp.Sender[int]
}

var managerConsumer = mp.Define("manager: consumer", func(a managerConsumerArgs) error {
	for {
		n, err := a.Queue.Get()
		if err != nil {
			return err
		}
		if err := a.Say.Send(n); err != nil {
			return err
		}
		if err := a.Lock.Acquire(); err != nil && err != mp.ErrHolderDied {
			return err
		}
		if err := a.Lock.Release(); err != nil {
			return err
		}
	}
})

// The end of the hub is the end of its managers, and when a whole process is killed nothing of its manager is left.
func TestManagerForgotten(t *testing.T) {
	var left *mp.Process
	run(t, func() error {
		m, served := startManager(t), got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{}))
		gevent.Spawn(func() error { return val(managedQueue[int](t, m, 0).Get()) })
		gevent.Spawn(func() error { return val(managedQueue[int](t, served, 0).Get()) })
		require.Equal(t, 0, got[int](t)(listOf[int](t, served).Len()))
		left = m.Process()
		return nil
	})
	code, over := left.ExitCode()
	require.True(t, over)
	require.Contains(t, []int{0, -int(syscall.SIGTERM)}, code)

	run(t, func() error {
		c := roleOf("has a manager")
		out := got[io.ReadCloser](t)(c.StdoutPipe())
		require.NoError(t, c.Start())
		line := got[string](t)(bufio.NewReader(out).ReadString('\n'))
		var address string
		var pid int
		got[int](t)(fmt.Sscan(line, &address, &pid))
		require.NoError(t, c.Process.Kill())
		require.Error(t, c.Wait())
		eventually(t, func() bool {
			conn, err := net.Dial("unix", address)
			if err == nil {
				conn.Close()
			}
			return err != nil && gone(pid)
		})
		return nil
	})
}

func init() {
	roles["has a manager"] = func() {
		err := gevent.Run(func() error {
			m, err := mp.StartManager(mp.ManagerConfig{})
			if err != nil {
				return err
			}
			if _, err := mp.ListOf[int](m); err != nil {
				return err
			}
			fmt.Println(m.Address(), m.Process().PID())
			return gevent.Sleep(patience)
		})
		panic(err)
	}
}
