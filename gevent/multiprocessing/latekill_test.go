//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// killedLate kills a greenlet in fn while it waits for the latch, which a process has that was stopped.
func killedLate(t *testing.T, r *region, fn func()) {
	t.Helper()
	require.True(t, r.header().latch.CompareAndSwap(0, uint64(newIdentity(os.Getppid(), 0))))
	g := gevent.Spawn(func() error { fn(); return nil })
	for r.late == 0 {
		require.NoError(t, gevent.Sleep(time.Millisecond))
	}
	g.KillAsync()
	for range 3 {
		require.NoError(t, gevent.Sleep(time.Millisecond))
	}
	require.False(t, g.Ready())
	r.leave()
	require.ErrorIs(t, g.Get(), gevent.ErrExit)
	require.Zero(t, r.late)
}

// What is given back, or marked, is free again though the greenlet was killed just then: its process lives on, so nobody
// else would find that out.
func TestKilledBeforeTheLatch(t *testing.T) {
	inHub(t, func() {
		l, err := NewRLock()
		require.NoError(t, err)
		require.NoError(t, l.Acquire())
		killedLate(t, l.r, func() { l.drop() })
		require.NoError(t, l.AcquireTimeout(0))
		require.NoError(t, l.Close())

		s, err := NewBoundedSemaphore(2)
		require.NoError(t, err)
		require.NoError(t, s.Acquire())
		killedLate(t, s.r, func() { _ = s.Release() })
		require.Equal(t, 2, s.Value())
		require.NoError(t, s.Close())

		g := ringOf(t, 0, 1<<20)
		large := make([]byte, firstCapacity/2)
		p := putting{applicant: applicant{&g.state().putters, g.r, 0}, ring: g, item: large}
		g.r.enter()
		require.True(t, p.granted())
		g.r.leave()
		killedLate(t, g.r, func() { _ = p.finish() })
		require.NoError(t, g.put(large, 0), "nobody writes")

		k := taking{ring: g, max: 1, joins: true}
		g.r.enter()
		require.True(t, k.granted())
		g.r.leave()
		killedLate(t, g.r, func() { k.finish() })
		require.EqualValues(t, 2, g.look().items, "it was not taken")
		_, err = g.takeNow(1, 100)
		require.NoError(t, err, "nobody reads")
		killedLate(t, g.r, func() { _ = g.done() })
		require.EqualValues(t, 1, g.look().unfinished)
		g.r.close()
	})
}
