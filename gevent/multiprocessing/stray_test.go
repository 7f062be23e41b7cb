//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// What only the hub's thread may use says so at once, also where nobody has to wait. Close may come later.
func TestStrayUse(t *testing.T) {
	var k *kit
	var v *mp.Value[int]
	var a *mp.Array[int]
	var q *mp.Queue[int]
	var j *mp.JoinableQueue[int]
	var c *mp.Counter
	calls := map[string][]func(){}
	check := func() {
		for kind, list := range calls {
			for _, call := range list {
				require.PanicsWithValue(t, strayText(kind), call)
			}
		}
		require.NotPanics(t, func() { c.Add(1) }, "safe from any goroutine")
	}
	run(t, func() error {
		k = newKit(t)
		v = got[*mp.Value[int]](t)(mp.NewValue(1))
		a = got[*mp.Array[int]](t)(mp.NewArray[int](1))
		q = got[*mp.Queue[int]](t)(mp.NewQueue[int](0))
		j = got[*mp.JoinableQueue[int]](t)(mp.NewJoinableQueue[int](0))
		c = got[*mp.Counter](t)(mp.NewCounter(0))
		calls = map[string][]func(){
			"Lock":             {func() { _ = k.Lock.Acquire() }, func() { _ = k.Lock.Release() }, func() { k.Lock.Locked() }},
			"RLock":            {func() { _ = k.RLock.Acquire() }, func() { k.RLock.Owned() }},
			"Semaphore":        {func() { _ = k.Semaphore.Acquire() }, func() { k.Semaphore.Value() }},
			"BoundedSemaphore": {func() { _, _ = k.Bounded.TryAcquire() }},
			"Event":            {func() { _ = k.Event.Set() }, func() { k.Event.IsSet() }, func() { _ = k.Event.Wait() }},
			"Condition":        {func() { _ = k.Condition.Wait() }, func() { _ = k.Condition.NotifyAll() }},
			"Barrier":          {func() { _, _ = k.Barrier.Wait() }, func() { k.Barrier.Broken() }},
			"Value":            {func() { _, _ = v.Load() }, func() { _ = v.Store(1) }, func() { v.Raw() }},
			"Array":            {func() { _, _ = a.Get(0) }, func() { a.Len() }},
			"Queue":            {func() { _ = q.Put(1) }, func() { _, _ = q.TryGet() }, func() { q.Len() }},
			"JoinableQueue":    {func() { _ = j.Put(1) }, func() { _ = j.TaskDone() }, func() { _ = j.Join() }},
		}
		done := make(chan struct{})
		go func() { defer close(done); check() }()
		<-done
		k.close(t)
		closeAll(t, v, a, q, j, c)
		return nil
	})
}

// After the hub's end all is closed still, but nothing used.
func TestStrayUseAfterRun(t *testing.T) {
	before := openFds()
	var l *mp.Lock
	require.NoError(t, gevent.Run(func() error {
		l = lock(t)
		return nil
	}))
	locked := func() { _ = l.Acquire() }
	require.PanicsWithValue(t, strayText("Lock"), locked)
	require.NoError(t, gevent.Run(func() error {
		require.PanicsWithValue(t, strayText("Lock"), locked, "in another hub")
		return nil
	}))
	require.NoError(t, l.Close())
	require.Equal(t, before, openFds())
}

func strayText(kind string) string {
	return "mp: " + kind + " used outside its hub: call it in a greenlet of the hub that made or received it; " +
		"another goroutine asks that hub by its Post, another hub receives a handle of its own through a Pipe"
}
