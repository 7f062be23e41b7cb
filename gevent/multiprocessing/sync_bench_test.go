//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

// One process takes and gives back what no other one wants.
func BenchmarkUncontended(b *testing.B) {
	pairs := map[string]func(k *kit) (func() error, func() error){
		"lock":      func(k *kit) (func() error, func() error) { return k.Lock.Acquire, k.Lock.Release },
		"rlock":     func(k *kit) (func() error, func() error) { return k.RLock.Acquire, k.RLock.Release },
		"semaphore": func(k *kit) (func() error, func() error) { return k.Semaphore.Acquire, k.Semaphore.Release },
		"event":     func(k *kit) (func() error, func() error) { return k.Event.Set, k.Event.Clear },
	}
	for name, pair := range pairs {
		b.Run(name, func(b *testing.B) {
			bench(b, func() error {
				k := newKit(b)
				take, give := pair(k)
				for b.Loop() {
					if err := take(); err != nil {
						return err
					}
					if err := give(); err != nil {
						return err
					}
				}
				k.close(b)
				return nil
			})
		})
	}
}

type contendArgs struct {
	Lock *mp.Lock
	Stop *mp.Event
	Told *mp.Sender[int]
}

var contends = mp.Define("bench: takes a lock until told to stop", func(a contendArgs) error {
	for n := 0; ; n++ {
		if a.Stop.IsSet() {
			return a.Told.Send(n)
		}
		if err := a.Lock.Acquire(); err != nil {
			return err
		}
		if err := a.Lock.Release(); err != nil {
			return err
		}
	}
})

// Two processes take a lock and give it back as fast as they can. An operation is one of either.
func BenchmarkContended(b *testing.B) {
	bench(b, func() error {
		k := newKit(b)
		r, s := pipe[int](b)
		p := begin(b, contends, contendArgs{k.Lock, k.Event, s})
		for b.Loop() {
			if err := k.Lock.Acquire(); err != nil {
				return err
			}
			if err := k.Lock.Release(); err != nil {
				return err
			}
		}
		require.NoError(b, k.Event.Set())
		theirs := got[int](b)(r.Recv())
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N+theirs), "ns/either")
		k.close(b)
		require.NoError(b, r.Close())
		return p.Join()
	})
}

// Two processes meet at a barrier.
func BenchmarkBarrier(b *testing.B) {
	bench(b, func() error {
		barrier := newBarrier(b, 2)
		p := begin(b, meets, barrier)
		for b.Loop() {
			if _, err := barrier.Wait(); err != nil {
				return err
			}
		}
		require.NoError(b, barrier.Abort())
		require.NoError(b, p.Join())
		return barrier.Close()
	})
}

var meets = mp.Define("bench: meets at a barrier", func(b *mp.Barrier) error {
	for {
		if _, err := b.Wait(); err != nil {
			return nil
		}
	}
})
