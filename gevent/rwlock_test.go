package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ = addInterruptible("RWLock.AcquireRead", func() interruptible {
	l := new(RWLock)
	_ = l.AcquireWrite()
	release := func(err error) error {
		if err == nil {
			l.ReleaseRead()
		}
		return err
	}
	return interruptible{
		call:  func() error { return release(l.AcquireRead()) },
		timed: func(d time.Duration) error { return release(l.AcquireReadTimeout(d)) },
		admit: l.ReleaseWrite,
		check: l.mustBeFree,
	}
})

var _ = addInterruptible("RWLock.AcquireWrite", func() interruptible {
	l := new(RWLock)
	_ = l.AcquireRead()
	release := func(err error) error {
		if err == nil {
			l.ReleaseWrite()
		}
		return err
	}
	return interruptible{
		call:  func() error { return release(l.AcquireWrite()) },
		timed: func(d time.Duration) error { return release(l.AcquireWriteTimeout(d)) },
		admit: l.ReleaseRead,
		check: l.mustBeFree,
	}
})

func (l *RWLock) mustBeFree(t *testing.T) {
	require.Zero(t, l.Reading())
	require.False(t, l.Writing())
	require.True(t, l.TryAcquireWrite())
	l.ReleaseWrite()
}

// use spawns a greenlet for each letter of kinds, r or w, that takes the lock, notes the time and holds it for a second.
func (l *RWLock) use(order *log, kinds string) []*Greenlet {
	var gs []*Greenlet
	for _, kind := range kinds {
		acquire, release := l.AcquireRead, l.ReleaseRead
		if kind == 'w' {
			acquire, release = l.AcquireWrite, l.ReleaseWrite
		}
		gs = append(gs, Spawn(func() error {
			if err := acquire(); err != nil {
				return err
			}
			defer release()
			order.add(string(kind) + GetHub().sched.Now().String())
			return Sleep(time.Second)
		}))
	}
	Yield()
	return gs
}

// Readers that stand together read together; a writer waits for those before it, and those behind it wait for the writer.
func TestRWLockIsFIFO(t *testing.T) {
	virtual(t, func() error {
		var l RWLock
		var order log
		require.NoError(t, JoinAll(l.use(&order, "rrwrrwwr")...))
		require.Equal(t, "r0s r0s w1s r2s r2s w3s w4s r5s", order.String())
		l.mustBeFree(t)
		return nil
	})
}

func TestRWLockReadersDoNotStarveAWriter(t *testing.T) {
	virtual(t, func() error {
		var l RWLock
		stop := false
		for i := range 2 { // there is a reader at each moment
			Spawn(func() error {
				_ = Sleep(time.Duration(i) * time.Second)
				for !stop {
					if err := l.AcquireRead(); err != nil {
						return err
					}
					_ = Sleep(2 * time.Second)
					l.ReleaseRead()
				}
				return nil
			})
		}
		require.NoError(t, Sleep(1500*time.Millisecond))
		require.Equal(t, 2, l.Reading())
		require.NoError(t, l.AcquireWriteTimeout(3*time.Second))
		require.Zero(t, l.Reading())
		stop = true
		l.ReleaseWrite()
		return Sleep(time.Minute)
	})
}

// A writer that gives up lets the readers pass that stand behind it.
func TestRWLockInterruptedWriterLetsReadersPass(t *testing.T) {
	for name, i := range interruptions {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				var l RWLock
				require.NoError(t, l.AcquireRead())
				writer := i.spawn(t, interruptible{
					call: l.AcquireWrite, timed: l.AcquireWriteTimeout,
				}, 1)[0]
				readers := []*Greenlet{Spawn(l.AcquireRead), Spawn(l.AcquireRead)}
				parked(t, readers...)
				i.end(writer, false)
				require.ErrorIs(t, writer.Get(), i.err)
				require.NoError(t, JoinAll(readers...))
				require.Equal(t, 3, l.Reading())
				return nil
			})
		})
	}
}

func TestRWLockTry(t *testing.T) {
	virtual(t, func() error {
		var l RWLock
		require.True(t, l.TryAcquireRead())
		require.NoError(t, l.AcquireReadTimeout(0))
		require.False(t, l.TryAcquireWrite())
		require.Equal(t, ErrTimeout, l.AcquireWriteTimeout(0))
		writer := Spawn(l.AcquireWrite)
		parked(t, writer)
		require.False(t, l.TryAcquireRead(), "not past the writer that waits")
		require.Equal(t, ErrTimeout, l.AcquireReadTimeout(0))
		l.ReleaseRead()
		l.ReleaseRead()
		require.NoError(t, writer.Get())
		require.True(t, l.Writing())
		require.Equal(t, ErrTimeout, l.AcquireReadTimeout(time.Second))
		l.ReleaseWrite()
		l.mustBeFree(t)
		require.NoError(t, l.AcquireWriteTimeout(0))
		l.ReleaseWrite()
		return nil
	})
}

func TestRWLockMisusePanics(t *testing.T) {
	virtual(t, func() error {
		var l RWLock
		require.Panics(t, l.ReleaseRead)
		require.Panics(t, l.ReleaseWrite)
		require.NoError(t, l.AcquireRead())
		require.Panics(t, l.ReleaseWrite)
		l.ReleaseRead()
		l.mustBeFree(t)
		return nil
	})
}

func TestRWLockNamesTheWriter(t *testing.T) {
	virtual(t, func() error {
		var l RWLock
		require.NoError(t, l.AcquireWrite())
		reader := Spawn(l.AcquireRead)
		parked(t, reader)
		require.Equal(t, "rwlock to read held by main (task 1)", reader.task.Why().String())
		l.ReleaseWrite()
		return reader.Get()
	})
}
