//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func lock(t testing.TB) *mp.Lock {
	t.Helper()
	l, err := mp.NewLock()
	require.NoError(t, err)
	return l
}

type lockArgs struct {
	Lock   *mp.Lock
	Told   *mp.Sender[string]
	Go     *mp.Receiver[bool]
	Rounds int
}

var (
	lockHolds = mp.Define("lock: holds it until told", func(a lockArgs) error {
		if err := a.Lock.Acquire(); err != nil {
			return err
		}
		if err := a.Told.Send("held"); err != nil {
			return err
		}
		_, err := a.Go.Recv()
		return errors.Join(err, a.Lock.Release())
	})
	lockRounds = mp.Define("lock: takes it again and again", func(a lockArgs) error {
		for a.Rounds > 0 {
			err := a.Lock.Acquire()
			if err != nil && !errors.Is(err, mp.ErrHolderDied) {
				return err
			}
			if err := a.Told.Send("held"); err != nil {
				return err
			}
			if err := a.Lock.Release(); err != nil {
				return err
			}
			a.Rounds--
		}
		return nil
	})
)

func TestLockBetweenProcesses(t *testing.T) {
	run(t, func() error {
		l := lock(t)
		told, s := pipe[string](t)
		r, let := pipe[bool](t)
		p := begin(t, lockHolds, lockArgs{l, s, r, 0})
		require.Equal(t, "held", got[string](t)(told.Recv()))
		require.True(t, l.Locked())
		require.False(t, got[bool](t)(l.TryAcquire()))
		require.Equal(t, gevent.ErrTimeout, l.AcquireTimeout(time.Millisecond))
		waiter := gevent.Spawn(l.Acquire)
		require.NoError(t, gevent.Sleep(time.Millisecond))
		require.NoError(t, let.Send(true))
		require.NoError(t, waiter.Get())
		ends(t, p, 0)
		require.NoError(t, l.Release())
		require.Equal(t, mp.ErrNotHeld, l.Release())
		closeAll(t, l, told, let)
		require.Equal(t, mp.ErrClosed, l.Close())
		require.Equal(t, mp.ErrClosed, l.Acquire())
		require.Equal(t, mp.ErrClosed, l.Release())
		require.Panics(t, func() { l.Locked() })
		return nil
	})
}

// Whoever holds it may be killed: the next owner is told.
func TestLockOfADeadHolder(t *testing.T) {
	run(t, func() error {
		l := lock(t)
		for _, wait := range []bool{true, false} {
			told, s := pipe[string](t)
			r, let := pipe[bool](t)
			p := begin(t, lockHolds, lockArgs{l, s, r, 0})
			require.Equal(t, "held", got[string](t)(told.Recv()))
			waiter := gevent.Spawn(func() error {
				if wait {
					return l.Acquire()
				}
				require.NoError(t, p.JoinTimeout(patience))
				ok, err := l.TryAcquire()
				require.True(t, ok)
				return err
			})
			require.NoError(t, gevent.Sleep(time.Millisecond))
			require.NoError(t, p.Kill())
			require.Equal(t, mp.ErrHolderDied, waiter.Get())
			require.NoError(t, l.Release())
			require.NoError(t, l.Acquire(), "told once")
			require.NoError(t, l.Release())
			closeAll(t, told, let)
		}
		return l.Close()
	})
}

// What is killed at any moment leaves nobody waiting for ever.
func TestLockHoldersKilled(t *testing.T) {
	run(t, func() error {
		l := lock(t)
		var ps []*mp.Process
		for range 20 {
			told, s := pipe[string](t)
			r, let := pipe[bool](t)
			ps = append(ps, begin(t, lockRounds, lockArgs{l, s, r, 1 << 30}))
			require.Equal(t, "held", got[string](t)(told.Recv()))
			gevent.Spawn(func() error {
				for range told.All() {
				}
				return errors.Join(told.Close(), let.Close())
			})
			if len(ps) == 4 {
				require.NoError(t, ps[0].Kill())
				ps = ps[1:]
			}
			for range 10 {
				if err := l.AcquireTimeout(patience); err != mp.ErrHolderDied {
					require.NoError(t, err)
				}
				require.NoError(t, l.Release())
			}
		}
		for _, p := range ps {
			require.NoError(t, p.Kill())
			require.NoError(t, p.JoinTimeout(patience))
		}
		return l.Close()
	})
}

func BenchmarkLock(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, gevent.Run(func() error {
		l := lock(b)
		for b.Loop() {
			if err := l.Acquire(); err != nil {
				return err
			}
			if err := l.Release(); err != nil {
				return err
			}
		}
		return l.Close()
	}))
}
