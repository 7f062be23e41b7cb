//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

type queueLoad[T any] struct {
	Queue *mp.Queue[T]
	Ready *mp.Sender[int]
	N     int
	Many  int // how many are got at a time
}

var (
	queuePuts   = mp.Define("queue: puts ints", putAll[int])
	queueGets   = mp.Define("queue: gets ints", getAll[int])
	queueGetsPt = mp.Define("queue: gets points", getAll[point])
)

func putAll[T any](a queueLoad[T]) error {
	if err := a.Ready.Send(0); err != nil {
		return err
	}
	for range a.N {
		if err := a.Queue.Put(*new(T)); err != nil {
			return err
		}
	}
	return nil
}

func getAll[T any](a queueLoad[T]) error {
	if err := a.Ready.Send(0); err != nil {
		return err
	}
	for n := 0; n < a.N; {
		if a.Many > 1 {
			items, err := a.Queue.GetMany(min(a.Many, a.N-n))
			if err != nil {
				return err
			}
			n += len(items)
			continue
		}
		if _, err := a.Queue.Get(); err != nil {
			return err
		}
		n++
	}
	return a.Ready.Send(0)
}

// An item put and got, in one process.
func BenchmarkQueuePutGet(b *testing.B) {
	bench(b, func() error {
		q := queueOf[int](b, 0)
		for b.Loop() {
			if err := q.Put(1); err != nil {
				return err
			}
			if _, err := q.Get(); err != nil {
				return err
			}
		}
		return q.Close()
	})
}

// Items to another process, as fast as they can be put, until the last one is got.
func BenchmarkQueueOneWay(b *testing.B) {
	for _, many := range []int{1, 1000} {
		b.Run(fmt.Sprint("int/many=", many), func(b *testing.B) { queueOneWay(b, queueGets, 0, many) })
		b.Run(fmt.Sprint("struct/many=", many), func(b *testing.B) { queueOneWay(b, queueGetsPt, 0, many) })
	}
	b.Run("int/limit=1000", func(b *testing.B) { queueOneWay(b, queueGets, 1000, 1) })
}

func queueOneWay[T any](b *testing.B, target *mp.Target[queueLoad[T]], limit, many int) {
	bench(b, func() error {
		q := queueOf[T](b, limit)
		r, s := pipe[int](b)
		p := begin(b, target, queueLoad[T]{q, s, b.N, many})
		got[int](b)(r.Recv())
		b.ResetTimer()
		for range b.N {
			if err := q.Put(*new(T)); err != nil {
				return err
			}
		}
		got[int](b)(r.Recv())
		b.StopTimer()
		require.NoError(b, p.Join())
		closeAll(b, q, r)
		return nil
	})
}

// An item to another process, and one back.
func BenchmarkQueueRoundTrip(b *testing.B) {
	bench(b, func() error {
		to, from := queueOf[int](b, 0), queueOf[int](b, 0)
		p := begin(b, queueSquares, queueArgs{From: to, To: from})
		for b.Loop() {
			if err := to.Put(2); err != nil {
				return err
			}
			if _, err := from.Get(); err != nil {
				return err
			}
		}
		require.NoError(b, to.Put(-1))
		require.NoError(b, p.Join())
		closeAll(b, to, from)
		return nil
	})
}

// Four processes put, four get.
func BenchmarkQueueManyToMany(b *testing.B) {
	bench(b, func() error {
		const each = 4
		q := queueOf[int](b, 0)
		r, s := pipe[int](b)
		n := b.N/each + 1
		var ps []*mp.Process
		ready, puts := []*mp.Receiver[int]{r}, []*mp.Process{}
		ps = append(ps, begin(b, queueGets, queueLoad[int]{q, s, n, 1}))
		for range each - 1 {
			r, s := pipe[int](b)
			ready = append(ready, r)
			ps = append(ps, begin(b, queueGets, queueLoad[int]{q, s, n, 1}))
		}
		for _, r := range ready {
			got[int](b)(r.Recv())
		}
		b.ResetTimer()
		for range each {
			r, s := pipe[int](b)
			puts = append(puts, begin(b, queuePuts, queueLoad[int]{q, s, n, 1}))
			defer r.Close()
		}
		for _, r := range ready {
			got[int](b)(r.Recv())
			require.NoError(b, r.Close())
		}
		b.StopTimer()
		for _, p := range append(ps, puts...) {
			require.NoError(b, p.Join())
		}
		return q.Close()
	})
}
