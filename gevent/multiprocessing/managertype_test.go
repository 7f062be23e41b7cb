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

// slowUntilTold, as the time that a slowThing takes to be made, is until slowTold is set.
const slowUntilTold = time.Duration(-2)

var slowTold *gevent.Event

// A slowThing is a type whose methods wait.
type slowThing struct {
	slept, ended int
}

func (s *slowThing) sleep(d time.Duration) (int, error) {
	defer func() { s.ended++ }()
	s.slept++
	return s.slept, gevent.Sleep(d)
}

func (s *slowThing) trouble(kind string) (int, error) {
	switch kind {
	case "panic":
		panic("made for a test")
	case "known":
		return 0, fmt.Errorf("in the manager: %w", errKnown)
	case "own":
		return 0, mp.ErrKey
	case "exit":
		gevent.Exit()
	case "unknown":
		return 0, errMade
	}
	return os.Getpid(), nil
}

var (
	errKnown = mp.RegisterError(errors.New("managers: known"))

	slowType = mp.DefineManaged("slow thing", func(d time.Duration) (*slowThing, error) {
		switch {
		case d == slowUntilTold:
			return &slowThing{}, slowTold.Wait()
		case d < 0:
			return nil, errKnown
		}
		return &slowThing{}, gevent.Sleep(d)
	})
	sleepSlow   = mp.DefineMethod(slowType, "sleep", (*slowThing).sleep)
	troubleSlow = mp.DefineMethod(slowType, "trouble", (*slowThing).trouble)
	countSlow   = mp.DefineMethod(slowType, "ended", func(s *slowThing, _ int) (int, error) { return s.ended, nil })
	functionOf  = mp.DefineMethod(slowType, "function", func(s *slowThing, _ int) (func(), error) { return func() {}, nil })
)

// Methods run in the manager's process, in greenlets, and their errors come back.
func TestManagerTypes(t *testing.T) {
	run(t, func() error {
		m := startManager(t)
		o := got[*mp.ObjectProxy[*slowThing]](t)(slowType.New(m, 0))
		require.Equal(t, m.Process().PID(), got[int](t)(troubleSlow.Call(o, "")))
		long := gevent.Go(func() (int, error) { return sleepSlow.Call(o, time.Hour) })
		gevent.Yield()
		require.Equal(t, 2, got[int](t)(sleepSlow.Call(o, 0)), "it does not wait for the other one")
		require.NoError(t, long.Kill())
		eventually(t, func() bool { return got[int](t)(countSlow.Call(o, 0)) == 2 })

		_, err := troubleSlow.Call(o, "panic")
		remote := new(mp.RemoteError)
		require.ErrorAs(t, err, &remote)
		require.Contains(t, remote.Error(), "made for a test")
		require.Contains(t, remote.Stack, "trouble")
		_, err = troubleSlow.Call(o, "known")
		require.ErrorIs(t, err, errKnown)
		require.EqualError(t, err, "in the manager: managers: known")
		_, err = troubleSlow.Call(o, "own")
		require.Equal(t, mp.ErrKey, err)
		_, err = troubleSlow.Call(o, "exit")
		require.ErrorIs(t, err, gevent.ErrExit)
		_, err = troubleSlow.Call(o, "unknown")
		require.NotErrorIs(t, err, errMade)
		require.EqualError(t, err, errMade.Error())
		_, err = functionOf.Call(o, 0)
		require.ErrorContains(t, err, "cannot send a func()")
		_, err = slowType.New(m, -1)
		require.ErrorIs(t, err, errKnown)

		require.Panics(t, func() { mp.DefineManaged("slow thing", func(int) (int, error) { return 0, nil }) })
		require.Panics(t, func() { mp.DefineMethod(slowType, "sleep", (*slowThing).sleep) })
		under := gevent.Go(func() (int, error) { return sleepSlow.Call(o, time.Hour) })
		gevent.Yield()
		require.NoError(t, m.Shutdown())
		_, err = under.Get()
		require.Equal(t, mp.ErrUncertain, err)
		return nil
	})
}

// One object is made under a name, however many make it at the same time.
func TestManagerTypeNamed(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		var all []*gevent.Result[*mp.ObjectProxy[*slowThing]]
		for range 3 {
			all = append(all, gevent.Go(func() (*mp.ObjectProxy[*slowThing], error) {
				return slowType.New(m.Named("the one"), time.Millisecond)
			}))
		}
		for n, g := range all {
			o := got[*mp.ObjectProxy[*slowThing]](t)(g.Get())
			require.Equal(t, n+1, got[int](t)(sleepSlow.Call(o, 0)))
		}
	})
}

// An object of another type that has got the name while one was being made is not taken for it.
func TestManagerTypeNamedOtherwise(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		slowTold = new(gevent.Event) // the manager is in this process
		making := gevent.Go(func() (*mp.ObjectProxy[*slowThing], error) {
			return slowType.New(m.Named("one"), slowUntilTold)
		})
		gevent.Yield()
		dictOf[string, int](t, m.Named("one"))
		slowTold.Set()
		_, err := making.Get()
		require.Equal(t, mp.ErrObjectKind, err)
	})
}

// A proxy that has come as another kind of proxy is told so.
func TestManagerProxyOfOtherKind(t *testing.T) {
	withManager(t, func(m *mp.Manager) {
		ns := got[*mp.NamespaceProxy](t)(m.Namespace())
		require.NoError(t, mp.Attr[*mp.QueueProxy[int]](ns, "q").Set(managedQueue[int](t, m, 0)))
		l := got[*mp.LockProxy](t)(mp.Attr[*mp.LockProxy](ns, "q").Get())
		d := got[*mp.DictProxy[string, int]](t)(mp.Attr[*mp.DictProxy[string, int]](ns, "q").Get())
		for _, err := range []error{l.Acquire(), l.Release(), val(d.Len()), val(d.Get("a")), d.Set("a", 1), val(d.Items())} {
			require.Equal(t, mp.ErrObjectKind, err)
		}
	})
}
