//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func startManager(t testing.TB) *mp.Manager {
	t.Helper()
	return got[*mp.Manager](t)(mp.StartManager(mp.ManagerConfig{}))
}

// withManager calls fn with a manager on the test's own hub, which needs no process.
func withManager(t testing.TB, fn func(m *mp.Manager)) {
	t.Helper()
	run(t, func() error {
		m := got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{}))
		fn(m)
		return m.Shutdown()
	})
}

func dictOf[K comparable, V any](t testing.TB, m *mp.Manager, with ...map[K]V) *mp.DictProxy[K, V] {
	t.Helper()
	return got[*mp.DictProxy[K, V]](t)(mp.DictOf[K, V](m, with...))
}

func listOf[T any](t testing.TB, m *mp.Manager, items ...T) *mp.ListProxy[T] {
	t.Helper()
	return got[*mp.ListProxy[T]](t)(mp.ListOf(m, items...))
}

func managedQueue[T any](t testing.TB, m *mp.Manager, max int) *mp.QueueProxy[T] {
	t.Helper()
	return got[*mp.QueueProxy[T]](t)(mp.QueueOf[T](m, max))
}

// A managerClientArgs is what a process is to do with a manager.
type managerClientArgs struct {
	Manager *mp.Manager
	What    string
	Dict    *mp.DictProxy[string, int]
	Queue   *mp.QueueProxy[int]
	Lock    *mp.LockProxy
	Say     *mp.Sender[string]
}

// managerClient tells its end as the last thing: how it went.
var managerClient = mp.Define("manager: client", func(a managerClientArgs) error {
	err := managerErrands[a.What](a)
	return a.Say.Send(fmt.Sprint(err))
})

var managerErrands = map[string]func(a managerClientArgs) error{
	"add": func(a managerClientArgs) error {
		for range 50 {
			if _, err := mp.Add(a.Dict, "n", 1); err != nil {
				return err
			}
			err := a.Lock.With(func() error {
				n, err := a.Dict.Get("locked")
				if err != nil {
					return err
				}
				return a.Dict.Set("locked", n+1)
			})
			if err != nil {
				return err
			}
		}
		own, err := mp.ListOf(a.Manager.Named("made by a client"), "first")
		if err != nil {
			return err
		}
		return own.Append("second")
	},
	"with": func(a managerClientArgs) error {
		err := a.Lock.With(func() error { return nil })
		_ = a.Say.Send(fmt.Sprint(err)) // if it cannot, nobody is told
		os.Exit(0)                      // nothing that is under way is finished
		return nil
	},
	"hold": func(a managerClientArgs) error {
		getting := gevent.Spawn(func() error {
			_, err := a.Queue.Get()
			return err
		})
		gevent.Yield()
		if err := errors.Join(a.Lock.Acquire(), a.Say.Send("holds")); err != nil {
			return err
		}
		return getting.Get()
	},
}

func sendErrand(t testing.TB, a managerClientArgs) (*mp.Process, *mp.Receiver[string]) {
	t.Helper()
	r, s := pipe[string](t)
	a.Say = s
	return begin(t, managerClient, a), r
}

// Proxies and the manager travel to processes, which see the same objects; the manager is a process of its own.
func TestManagerProcesses(t *testing.T) {
	run(t, func() error {
		m := startManager(t)
		require.True(t, m.Process().IsAlive())
		d, l := dictOf(t, m, map[string]int{"locked": 0}), got[*mp.LockProxy](t)(m.Lock())
		var ps []*mp.Process
		var rs []*mp.Receiver[string]
		for range 2 {
			p, r := sendErrand(t, managerClientArgs{Manager: m, What: "add", Dict: d, Lock: l, Queue: managedQueue[int](t, m, 0)})
			ps, rs = append(ps, p), append(rs, r)
		}
		for i, p := range ps {
			require.Equal(t, "<nil>", got[string](t)(rs[i].Recv()))
			ends(t, p, 0)
			closeAll(t, rs[i])
		}
		require.Equal(t, map[string]int{"n": 100, "locked": 100}, got[map[string]int](t)(d.Items()))
		made := listOf[string](t, m.Named("made by a client"), "not this")
		require.Equal(t, []string{"first", "second", "second"}, got[[]string](t)(made.All()))
		require.NoError(t, m.Shutdown())
		ends(t, m.Process(), 0)
		return m.Shutdown()
	})
}

// A Manager that nobody has made does not travel, and can be printed.
func TestManagerZero(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		l := listOf[*mp.Manager](t, m)
		require.ErrorIs(t, l.Append(new(mp.Manager)), mp.ErrNoManager)
		require.Equal(t, "no manager", fmt.Sprint(new(mp.Manager)))
		nobody := new(mp.Manager)
		require.Equal(t, mp.ErrNoManager, val(nobody.Lock()))
		require.Equal(t, mp.ErrNoManager, val(mp.DictOf[string, int](nobody.Named("a"))))
		require.Empty(t, nobody.Address())
		require.NoError(t, nobody.Shutdown())
	})
}

// The key is not shown.
func TestManagerHidesKey(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		d := dictOf[string, int](t, m)
		for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
			for _, v := range []any{m, d, *d} {
				require.Regexp(t, `^(object \d+ of the )?manager at .{1,60}$`, fmt.Sprintf(form, v))
			}
		}
	})
}

func TestListenerHidesKey(t *testing.T) {
	run(t, func() error {
		l := listenAt(t, "", listenerKey)
		for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
			require.Equal(t, "listener at "+l.Address(), fmt.Sprintf(form, l))
			config := mp.ManagerConfig{Address: "x", Key: listenerKey, Limit: 3}
			require.Equal(t, `manager's configuration: address "x", limit 3`, fmt.Sprintf(form, config))
		}
		return l.Close()
	})
}

func TestManagerConfig(t *testing.T) {
	run(t, func() error {
		_, err := mp.StartManager(mp.ManagerConfig{Address: "127.0.0.1:0"})
		require.Equal(t, mp.ErrNoKey, err)
		_, err = mp.ServeManager(mp.ManagerConfig{Limit: -1})
		require.ErrorContains(t, err, "limit")
		m := got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{Limit: 1000}))
		l := listOf[string](t, m)
		require.NoError(t, l.Append(string(make([]byte, 900))))
		require.Equal(t, mp.ErrTooLarge, l.Append(string(make([]byte, 1100))), "a request")
		require.NoError(t, l.Append(string(make([]byte, 900))))
		_, err = l.All()
		require.Equal(t, mp.ErrTooLarge, err, "an answer")
		require.Equal(t, 2, got[int](t)(l.Len()))
		require.NoError(t, l.Drop())
		require.Equal(t, mp.ErrNoObject, l.Drop())
		_, err = l.Len()
		require.Equal(t, mp.ErrNoObject, err)
		return m.Shutdown()
	})
}

// Each call that parks ends with a kill, a timeout or an error thrown at its greenlet, and nothing is lost.
func TestManagerInterruptedCalls(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		q, full := managedQueue[int](t, m, 0), managedQueue[int](t, m, 1)
		l, r := got[*mp.LockProxy](t)(m.Lock()), got[*mp.RLockProxy](t)(m.RLock())
		s, e := got[*mp.SemaphoreProxy](t)(m.Semaphore(0)), got[*mp.EventProxy](t)(m.Event())
		o := got[*mp.ObjectProxy[*slowThing]](t)(slowType.New(m, 0))
		require.NoError(t, full.Put(1))
		require.NoError(t, l.Acquire())
		require.NoError(t, r.Acquire())
		calls := map[string]func() error{
			"Get":            func() error { return val(q.Get()) },
			"GetTimeout":     func() error { return val(q.GetTimeout(time.Hour)) },
			"Put":            func() error { return full.Put(2) },
			"PutTimeout":     func() error { return full.PutTimeout(2, time.Hour) },
			"Lock":           l.Acquire,
			"Lock.With":      func() error { return l.With(func() error { return nil }) },
			"AcquireTimeout": func() error { return l.AcquireTimeout(time.Hour) },
			"RLock":          r.Acquire,
			"Semaphore":      s.Acquire,
			"Event":          e.Wait,
			"Event.Timeout":  func() error { return e.WaitTimeout(time.Hour) },
			"Method":         func() error { return val(sleepSlow.Call(o, time.Hour)) },
			"New":            func() error { return val(slowType.New(m, time.Hour)) },
		}
		for name, call := range calls {
			begun := func() *gevent.Greenlet {
				g := gevent.Spawn(call)
				require.NoError(t, gevent.Sleep(0))
				require.Equal(t, 1, got[int](t)(full.Len()), "a round trip")
				require.False(t, g.Ready(), name)
				return g
			}
			require.NoError(t, begun().Kill(), name)
			g := begun()
			g.Throw(errMade)
			require.Equal(t, errMade, g.Get(), name)
			g = gevent.Spawn(func() error { return gevent.WithTimeout(time.Millisecond, call) })
			require.ErrorIs(t, g.Get(), gevent.ErrTimeout, name)
		}
		require.NoError(t, q.Put(5))
		require.Equal(t, 5, got[int](t)(q.TryGet()))
		require.Equal(t, 1, got[int](t)(full.TryGet()))
		_, err := full.TryGet()
		require.Equal(t, gevent.ErrEmpty, err)
		require.NoError(t, l.Release())
		require.NoError(t, l.With(func() error { return nil }))
		require.NoError(t, r.Release())
		require.False(t, got[bool](t)(r.Locked()))
		require.NoError(t, s.Release(1))
		require.Equal(t, 1, got[int](t)(s.Value()))
	})
}
