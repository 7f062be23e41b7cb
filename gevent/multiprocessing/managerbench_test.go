//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"errors"
	"testing"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

// A call to a manager in another process and its answer. In Python: bench/python/mp_manager.py.
func BenchmarkManager(b *testing.B) {
	managerBench(b, "set", func(d *mp.DictProxy[string, int], _ *mp.QueueProxy[int], _ *mp.LockProxy) error {
		return d.Set("a", 1)
	})
	managerBench(b, "get", func(d *mp.DictProxy[string, int], _ *mp.QueueProxy[int], _ *mp.LockProxy) error {
		return val(d.Get("a"))
	})
	managerBench(b, "put,get", func(_ *mp.DictProxy[string, int], q *mp.QueueProxy[int], _ *mp.LockProxy) error {
		return errors.Join(q.Put(1), val(q.Get()))
	})
	managerBench(b, "acquire,release", func(_ *mp.DictProxy[string, int], _ *mp.QueueProxy[int], l *mp.LockProxy) error {
		return errors.Join(l.Acquire(), l.Release())
	})
	b.Run("get/callers=100", func(b *testing.B) {
		bench(b, func() error {
			m := startManager(b)
			d := dictOf(b, m, map[string]int{"a": 1})
			b.ResetTimer()
			var callers []*gevent.Greenlet
			for caller := range 100 {
				callers = append(callers, gevent.Spawn(func() error {
					for n := caller; n < b.N; n += 100 {
						if _, err := d.Get("a"); err != nil {
							return err
						}
					}
					return nil
				}))
			}
			for _, g := range callers {
				if err := g.Get(); err != nil {
					return err
				}
			}
			b.StopTimer()
			return m.Shutdown()
		})
	})
}

func managerBench(
	b *testing.B, name string, op func(d *mp.DictProxy[string, int], q *mp.QueueProxy[int], l *mp.LockProxy) error,
) {
	b.Run(name, func(b *testing.B) {
		bench(b, func() error {
			m := startManager(b)
			d, q, l := dictOf(b, m, map[string]int{"a": 1}), managedQueue[int](b, m, 0), got[*mp.LockProxy](b)(m.Lock())
			for b.Loop() {
				if err := op(d, q, l); err != nil {
					return err
				}
			}
			return m.Shutdown()
		})
	})
}
