//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A client that dies loses its locks, and the next owner is told; what it waited for goes to others.
func TestManagerClientKilled(t *testing.T) {
	run(t, func() error {
		m := got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{}))
		l, q := got[*mp.LockProxy](t)(m.Lock()), managedQueue[int](t, m, 0)
		p, r := sendErrand(t, managerClientArgs{Manager: m, What: "hold", Lock: l, Queue: q, Dict: dictOf[string, int](t, m)})
		require.Equal(t, "holds", got[string](t)(r.Recv()))
		require.False(t, got[bool](t)(l.TryAcquire()))
		require.Equal(t, mp.ErrNotHeld, l.Release())
		acquiring := gevent.Spawn(l.Acquire)
		gevent.Yield()
		require.NoError(t, p.Kill())
		require.Equal(t, mp.ErrHolderDied, acquiring.Get())
		require.True(t, got[bool](t)(l.Locked()))
		require.NoError(t, q.Put(7))
		require.Equal(t, 7, got[int](t)(q.GetTimeout(patience)))
		require.NoError(t, l.Release())
		require.NoError(t, l.With(func() error { return nil }))
		ends(t, p, -int(syscall.SIGKILL))
		closeAll(t, r)
		return m.Shutdown()
	})
}

// A manager that is killed ends the calls under way, and later ones.
func TestManagerKilled(t *testing.T) {
	run(t, func() error {
		m := startManager(t)
		q := managedQueue[int](t, m, 0)
		e := got[*mp.EventProxy](t)(m.Event())
		getting, waiting := gevent.Go(q.Get), gevent.Spawn(e.Wait)
		require.Equal(t, 0, got[int](t)(q.Len()))
		require.NoError(t, m.Process().Kill())
		_, err := getting.Get()
		require.Equal(t, mp.ErrUncertain, err)
		require.Equal(t, mp.ErrUncertain, waiting.Get())
		require.ErrorIs(t, q.Put(1), mp.ErrNoManager)
		_, err = mp.DictOf[string, int](m)
		require.ErrorIs(t, err, mp.ErrNoManager)
		ends(t, m.Process(), -int(syscall.SIGKILL))
		return m.Shutdown()
	})
}

// After a Shutdown calls fail, those that wait at once; at the same address another manager can be started, which has
// not the old one's objects, and to which proxies of its own connect again.
func TestManagerRestart(t *testing.T) {
	run(t, func() error {
		path := filepath.Join(t.TempDir(), "manager")
		address := "127.0.0.1:0"
		for _, a := range []*string{&path, &address} {
			var old *mp.QueueProxy[int]
			for range 2 {
				m := got[*mp.Manager](t)(mp.StartManager(mp.ManagerConfig{Address: *a, Key: listenerKey}))
				*a = m.Address()
				if old != nil {
					_, err := old.Get()
					require.Equal(t, mp.ErrNoObject, err)
				}
				old = managedQueue[int](t, m, 0)
				getting := gevent.Go(old.Get)
				gevent.Yield()
				require.NoError(t, m.Shutdown())
				_, err := getting.Get()
				require.ErrorIs(t, err, mp.ErrNoManager)
				_, err = old.Len()
				require.ErrorIs(t, err, mp.ErrNoManager)
			}
		}
		_, err := os.Stat(path)
		require.ErrorIs(t, err, os.ErrNotExist)
		return nil
	})
}

// A broken connection is made anew by the next call; what was held over it is lost.
func TestManagerReconnect(t *testing.T) {
	run(t, func() error {
		m := got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{Address: "127.0.0.1:0", Key: listenerKey}))
		l := got[*mp.LockProxy](t)(m.Lock())
		d := dictOf(t, m, map[string]int{"a": 1})
		require.NoError(t, l.Acquire())
		other := got[*mp.Manager](t)(mp.DialManager(m.Address(), listenerKey))
		require.NoError(t, other.Shutdown()) // it only closes this hub's connection
		require.Equal(t, 1, got[int](t)(d.Get("a")))
		require.Equal(t, mp.ErrNotHeld, l.Release())
		require.Equal(t, mp.ErrHolderDied, l.With(func() error { return errMade }))
		require.Equal(t, mp.ErrHolderDied, l.Acquire(), "nobody has repaired anything")
		require.NoError(t, l.Release())
		_, err := mp.DialManager(m.Address(), []byte("wrong"))
		require.ErrorIs(t, err, mp.ErrAuthentication)
		_, err = mp.DialManager(m.Address(), nil)
		require.Error(t, err)
		_, err = mp.DialManager("/dev/null/socket", listenerKey)
		require.ErrorIs(t, err, mp.ErrNoManager)
		require.ErrorIs(t, err, syscall.ENOTDIR, "why")
		return m.Shutdown()
	})
}

// A program of another family uses the manager by its address and key.
func TestManagerUnrelated(t *testing.T) {
	run(t, func() error {
		for _, address := range []string{"", "127.0.0.1:0"} {
			m := got[*mp.Manager](t)(mp.ServeManager(mp.ManagerConfig{Address: address, Key: listenerKey}))
			d := dictOf[string, string](t, m.Named("letters"))
			for key, want := range map[string]string{string(listenerKey): "<nil>\n", "wrong": mp.ErrAuthentication.Error() + "\n"} {
				c := roleOf("unrelated client", "MANAGER_ADDRESS="+m.Address(), "MANAGER_KEY="+key)
				out := gevent.Go(func() ([]byte, error) { return gevent.Offload(c.Output) })
				require.Equal(t, want, string(got[[]byte](t)(out.Get())))
			}
			require.Equal(t, "hello", got[string](t)(d.Get("from afar")))
			_, err := mp.DictOf[string, int](m.Named("letters"))
			require.Equal(t, mp.ErrObjectKind, err)
			require.NoError(t, m.Shutdown())
		}
		return nil
	})
}

func init() {
	roles["unrelated client"] = func() {
		err := gevent.Run(func() error {
			m, err := mp.DialManager(os.Getenv("MANAGER_ADDRESS"), []byte(os.Getenv("MANAGER_KEY")))
			if err != nil {
				return err
			}
			d, err := mp.DictOf[string, string](m.Named("letters"))
			if err != nil {
				return err
			}
			return d.Set("from afar", "hello")
		})
		fmt.Println(err)
	}
}
