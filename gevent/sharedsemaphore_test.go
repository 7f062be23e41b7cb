package gevent

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Permits are taken on one thread and given back on another, timed or not; there are never more holders than permits.
func TestSharedSemaphoreAcrossThreads(t *testing.T) {
	defer noGoroutines(t)
	s := NewSharedSemaphore(3)
	var inside, most atomic.Int32
	rounds := 300
	if runtime.GOMAXPROCS(0) == 1 {
		rounds = 20 // each step of one costs time slices of those that try again and again
	}
	work := func(acquire func() error) error {
		for range rounds {
			for acquire() != nil {
			}
			now := inside.Add(1)
			for {
				m := most.Load()
				if now <= m || most.CompareAndSwap(m, now) {
					break
				}
			}
			runtime.Gosched()
			inside.Add(-1)
			s.Release()
		}
		return nil
	}
	timed := func() error { return s.AcquireTimeout(time.Microsecond) }
	var all sync.WaitGroup
	for i := range 4 {
		acquire := s.Acquire
		if i%2 == 0 {
			acquire = timed
		}
		all.Go(func() { _ = work(acquire) })
		all.Go(func() {
			_ = Run(func() error {
				return JoinAll(Spawn(func() error { return work(acquire) }), Spawn(func() error { return work(acquire) }))
			})
		})
	}
	all.Wait()
	require.LessOrEqual(t, most.Load(), int32(3))
	require.Equal(t, 3, s.Permits())
	require.True(t, s.TryAcquire())
	require.NoError(t, Run(func() error { s.Release(); return nil }), "with a hub or without")
	require.Equal(t, 3, s.Permits())
	require.Panics(t, func() { NewSharedSemaphore(-1) })
}
