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

// conditionLog has the names of greenlets in the order in which they came back from a wait.
type conditionLog struct {
	*mp.Condition
	woken []string
}

// waits has a greenlet wait, and returns when it does.
func (l *conditionLog) waits(name string) *gevent.Greenlet {
	g := gevent.Spawn(func() error {
		return l.With(func() error {
			err := l.Wait()
			l.woken = append(l.woken, name)
			return err
		})
	})
	gevent.Yield()
	return g
}

func (l *conditionLog) notify(t testing.TB, n int) {
	t.Helper()
	require.NoError(t, l.With(func() error {
		before := len(l.woken)
		err := l.Notify(n)
		gevent.Yield()
		require.Len(t, l.woken, before, "not before the lock is free")
		return err
	}))
}

func (l *conditionLog) become(t testing.TB, names ...string) {
	t.Helper()
	eventually(t, func() bool { return len(l.woken) >= len(names) })
	require.Equal(t, names, l.woken)
}

func TestConditionBetweenProcesses(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		w := newKitWorker(t, k)
		for name, c := range map[string]*mp.Condition{"Condition": k.Condition, "OnLock": k.OnLock} {
			require.Equal(t, mp.ErrNotHeld, c.Wait())
			require.Equal(t, mp.ErrNotHeld, c.WaitTimeout(0))
			require.Equal(t, mp.ErrNotHeld, c.WaitFor(func() bool { return true }))
			require.Equal(t, mp.ErrNotHeld, c.Notify(1))
			require.Equal(t, mp.ErrNotHeld, c.NotifyAll())
			require.Error(t, c.Notify(0))
			l := &conditionLog{Condition: c}
			l.waits("a")
			w.waitsFor(t, c, name)
			l.waits("b")
			l.waits("c")
			l.notify(t, 1)
			l.become(t, "a")
			l.notify(t, 2)
			require.Equal(t, "ok", w.said(t)) // before or after b
			require.True(t, c.Locked(), "by the other process")
			w.does(t, name+".Release")
			l.become(t, "a", "b")
			l.notify(t, 10)
			l.become(t, "a", "b", "c")
			l.waits("d")
			w.waitsFor(t, c, name)
			require.NoError(t, c.With(c.NotifyAll))
			require.Equal(t, "ok", w.said(t))
			w.does(t, name+".Release")
			l.become(t, "a", "b", "c", "d")
		}
		w.ends(t)
		k.close(t)
		return nil
	})
}

// A wait gives the lock back however often it was acquired, and returns with as much.
func TestConditionNested(t *testing.T) {
	run(t, func() error {
		c := got[*mp.Condition](t)(mp.NewCondition(nil))
		last, ready := false, false
		g := gevent.Spawn(func() error {
			return c.With(func() error {
				return c.With(func() error {
					require.Equal(t, gevent.ErrTimeout, c.WaitTimeout(0))
					require.Equal(t, gevent.ErrTimeout, c.WaitTimeout(time.Millisecond))
					require.Equal(t, gevent.ErrTimeout, c.WaitForTimeout(time.Millisecond, func() bool { return ready }))
					require.Equal(t, gevent.ErrTimeout, c.WaitForTimeout(0, func() bool { return ready }))
					last = true
					return c.WaitForTimeout(patience, func() bool { return ready })
				})
			})
		})
		eventually(t, func() bool { return last })
		require.NoError(t, c.With(func() error {
			ready = true
			return c.NotifyAll()
		}))
		require.NoError(t, g.Get())
		require.False(t, c.Locked())
		return c.Close()
	})
}

// A notification for one who is killed, timed out or thrown at before it has the lock goes to the next; one who has
// given up before does not get any.
func TestConditionPassesOn(t *testing.T) {
	run(t, func() error {
		l := &conditionLog{Condition: got[*mp.Condition](t)(mp.NewCondition(nil))}
		for name, end := range map[string]func(*gevent.Greenlet){
			"killed":    func(g *gevent.Greenlet) { g.KillAsync() },
			"thrown at": func(g *gevent.Greenlet) { g.Throw(errMade) },
		} {
			l.woken = nil
			before := l.waits("before")
			end(before)
			gevent.Yield()
			require.True(t, before.Ready(), name)
			first := l.waits("first")
			second := l.waits("second")
			third := l.waits("third")
			require.NoError(t, l.Acquire())
			require.NoError(t, l.Notify(1))
			end(first)
			gevent.Yield()
			require.NoError(t, l.Release())
			require.NoError(t, second.GetTimeout(patience), name)
			require.False(t, third.Ready(), name)
			require.NoError(t, l.Acquire())
			require.NoError(t, l.NotifyAll())
			end(third)
			behind := gevent.Spawn(func() error { return l.With(func() error { return l.WaitTimeout(10 * time.Millisecond) }) })
			require.NoError(t, l.Release())
			require.Equal(t, gevent.ErrTimeout, behind.Get(), "all were notified before it came")
			require.NoError(t, first.Join(), name)
			require.NoError(t, third.Join(), name)
			require.Error(t, first.Err(), name)
		}
		return l.Close()
	})
}

// A process that dies while it waits, or when it was notified, or with the lock, takes nobody along.
func TestConditionOfDeadProcesses(t *testing.T) {
	run(t, func() error {
		k := newKit(t)
		l := &conditionLog{Condition: k.Condition}
		a, b := newKitWorker(t, k), newKitWorker(t, k)
		a.waitsFor(t, k.Condition, "Condition")
		b.waitsFor(t, k.Condition, "Condition")
		mine := l.waits("mine")
		a.killed(t) // it does not swallow what comes
		require.NoError(t, l.Acquire())
		require.NoError(t, l.Notify(1)) // for a: it goes to b
		require.NoError(t, l.Release())
		require.Equal(t, "ok", b.said(t))
		require.False(t, mine.Ready())

		b.killed(t) // with the lock
		require.Equal(t, mp.ErrHolderDied, l.Acquire())
		require.NoError(t, l.Notify(1))
		require.NoError(t, l.Release())
		require.NoError(t, mine.Get())

		c := newKitWorker(t, k)
		c.waitsFor(t, k.Condition, "Condition")
		mine = l.waits("mine")
		require.NoError(t, l.Acquire())
		require.NoError(t, l.Notify(1)) // for c, which cannot go on as we have the lock
		c.killed(t)
		require.NoError(t, l.Release())
		require.NoError(t, mine.Get())

		d := newKitWorker(t, k) // it has the lock when a wait is over
		for wait := 50 * time.Millisecond; ; wait *= 2 {
			mine = gevent.Spawn(func() error {
				err := l.Acquire()
				if err == nil {
					err = l.WaitTimeout(wait)
				}
				return errors.Join(err, l.Release())
			})
			gevent.Yield()
			d.does(t, "Condition.Acquire")
			if !mine.Ready() {
				require.NoError(t, gevent.Sleep(wait))
				break
			}
			require.ErrorIs(t, mine.Get(), gevent.ErrTimeout, "the other process came too late")
			d.does(t, "Condition.Release")
		}
		require.False(t, mine.Ready())
		d.killed(t)
		err := mine.Get()
		require.ErrorIs(t, err, mp.ErrHolderDied)
		require.ErrorIs(t, err, gevent.ErrTimeout)
		k.close(t)
		return nil
	})
}
