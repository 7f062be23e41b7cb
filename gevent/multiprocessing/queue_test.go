//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	mp "greenloop/gevent/multiprocessing"
)

func queueOf[T any](t testing.TB, max int) *mp.Queue[T] {
	t.Helper()
	q, err := mp.NewQueue[T](max)
	require.NoError(t, err)
	return q
}

type queueArgs struct {
	From, To *mp.Queue[int]
	N        int
}

// queueSquares puts the squares of what it gets, until that is below zero.
var queueSquares = mp.Define("queue: squares", func(a queueArgs) error {
	for {
		n, err := a.From.Get()
		if err != nil || n < 0 {
			return err
		}
		if err := a.To.Put(n * n); err != nil {
			return err
		}
	}
})

func TestQueueInOneProcess(t *testing.T) {
	run(t, func() error {
		q := queueOf[int](t, 2)
		require.Equal(t, 2, q.Cap())
		require.True(t, q.Empty())
		_, err := q.TryGet()
		require.Equal(t, gevent.ErrEmpty, err)
		for _, d := range []time.Duration{-1, 0, time.Millisecond} {
			_, err = q.GetTimeout(d)
			require.Equal(t, gevent.ErrTimeout, err)
		}
		require.NoError(t, q.Put(1))
		require.NoError(t, q.TryPut(2))
		require.True(t, q.Full())
		require.Equal(t, gevent.ErrFull, q.TryPut(3))
		for _, d := range []time.Duration{-1, 0, time.Millisecond} {
			require.Equal(t, gevent.ErrTimeout, q.PutTimeout(3, d))
		}
		require.Equal(t, 2, q.Len())
		putter := gevent.Spawn(func() error { return q.Put(3) })
		gevent.Yield()
		require.False(t, putter.Ready())
		require.Equal(t, 1, got[int](t)(q.Get()))
		require.NoError(t, putter.Get())
		require.Equal(t, []int{2, 3}, got[[]int](t)(q.GetMany(10)))
		getter := gevent.Spawn(func() error {
			n, err := q.Get()
			require.Equal(t, 4, n)
			return err
		})
		gevent.Yield()
		require.Equal(t, mp.ErrLocked, q.Close())
		require.NoError(t, q.PutTimeout(4, time.Hour))
		require.NoError(t, getter.Get())
		require.Panics(t, func() { _, _ = q.GetMany(0) })
		require.NoError(t, q.Close())
		require.Equal(t, mp.ErrClosed, q.Put(1))
		require.Equal(t, mp.ErrClosed, q.TryPut(1))
		_, err = q.Get()
		require.Equal(t, mp.ErrClosed, err)
		_, err = q.GetMany(1)
		require.Equal(t, mp.ErrClosed, err)
		require.Equal(t, mp.ErrClosed, q.Close())
		require.Panics(t, func() { q.Len() })
		return nil
	})
}

// It is not closed under who has been woken and has not run.
func TestQueueClosedByTheFirstOfTwo(t *testing.T) {
	run(t, func() error {
		q := queueOf[int](t, 1)
		get := func() error { return val(q.Get()) }
		put := func() error { return q.Put(1) }
		for _, wait := range []struct{ call, grant func() error }{{get, put}, {put, get}} {
			first := gevent.Spawn(func() error {
				require.NoError(t, wait.call())
				return q.Close()
			})
			second := gevent.Spawn(wait.call)
			gevent.Yield()
			require.NoError(t, wait.grant())
			require.Equal(t, mp.ErrLocked, first.Get())
			require.NoError(t, wait.grant())
			require.NoError(t, second.Get())
			_ = q.TryPut(1) // it is full for those who put
		}
		return q.Close()
	})
}

func TestQueueBetweenProcesses(t *testing.T) {
	run(t, func() error {
		to, from := queueOf[int](t, 3), queueOf[int](t, 0)
		p := begin(t, queueSquares, queueArgs{From: to, To: from})
		for n := range 500 {
			require.NoError(t, to.Put(n))
		}
		require.NoError(t, to.Put(-1))
		ends(t, p, 0)
		for n := range 500 {
			require.Equal(t, n*n, got[int](t)(from.TryGet()), "what a process that has ended has put")
		}
		closeAll(t, to, from)
		return nil
	})
}

type queuePicky struct{ N int }

func (p queuePicky) GobEncode() ([]byte, error) {
	if p.N < 0 {
		return nil, errMade
	}
	return []byte{byte(p.N)}, nil
}

func (p *queuePicky) GobDecode(b []byte) error {
	if p.N = int(b[0]); p.N == 13 {
		return errMade
	}
	return nil
}

// What cannot be encoded is not put, what cannot be decoded is lost alone.
func TestQueueCodecErrors(t *testing.T) {
	run(t, func() error {
		q := queueOf[queuePicky](t, 3)
		require.ErrorContains(t, q.Put(queuePicky{-1}), errMade.Error())
		require.True(t, q.Empty())
		for _, n := range []int{1, 13, 2} {
			require.NoError(t, q.TryPut(queuePicky{n}), "no slot was lost")
		}
		require.Equal(t, 1, got[queuePicky](t)(q.Get()).N)
		_, err := q.Get()
		require.ErrorContains(t, err, errMade.Error())
		require.Equal(t, 2, got[queuePicky](t)(q.Get()).N)
		for _, n := range []int{1, 13, 2} {
			require.NoError(t, q.Put(queuePicky{n}))
		}
		many, err := q.GetMany(3)
		require.ErrorContains(t, err, errMade.Error())
		require.Equal(t, []queuePicky{{1}, {2}}, many)

		handles := queueOf[*mp.Queue[queuePicky]](t, 0)
		require.ErrorContains(t, handles.Put(q), "a handle travels only")
		require.True(t, handles.Empty())
		nils := queueOf[*int](t, 0)
		require.Error(t, nils.Put(nil))

		own := queueOf[string](t, 0).WithCodec(
			func(s string) ([]byte, error) { return []byte(strings.ToUpper(s)), nil },
			func(b []byte) (string, error) { return string(b) + "!", nil },
		)
		require.NoError(t, own.Put("x"))
		require.Equal(t, "X!", got[string](t)(own.Get()))
		require.Panics(t, func() { own.WithCodec(nil, nil) })
		closeAll(t, q, handles, nils, own)
		return nil
	})
}

type queueOwnArgs struct {
	Queue *mp.Queue[string]
	Knows bool
}

var queueOwn = mp.Define("queue: a codec of its own", func(a queueOwnArgs) error {
	if a.Knows {
		a.Queue.WithCodec(func(s string) ([]byte, error) { return []byte("<" + s), nil }, nil2)
	}
	return a.Queue.Put("x")
})

func nil2(b []byte) (string, error) { return string(b) + ">", nil }

func TestQueueCodecTravelsNot(t *testing.T) {
	run(t, func() error {
		q := queueOf[string](t, 0).WithCodec(func(s string) ([]byte, error) { return []byte(s), nil }, nil2)
		ends(t, begin(t, queueOwn, queueOwnArgs{q, true}), 0)
		require.Equal(t, "<x>", got[string](t)(q.Get()))
		return q.Close()
	})
}

// Items that are larger than what is copied at once, in a ring that grows for them.
func TestQueueOfLargeItems(t *testing.T) {
	run(t, func() error {
		q := queueOf[string](t, 0)
		item := func(n int) string { return strings.Repeat(string(rune('a'+n%26)), n*n*97) }
		for n := range 100 {
			require.NoError(t, q.Put(item(n)))
			if n%3 == 2 {
				require.Equal(t, item(n/3), got[string](t)(q.Get()))
			}
		}
		for n := 33; n < 100; n++ {
			require.Equal(t, item(n), got[string](t)(q.Get()))
		}
		require.True(t, q.Empty())
		return q.Close()
	})
}

func TestSimpleQueue(t *testing.T) {
	run(t, func() error {
		q, err := mp.NewSimpleQueue[[]byte]()
		require.NoError(t, err)
		require.True(t, q.Empty())
		require.NoError(t, q.Put(nil))
		require.NoError(t, q.Put([]byte("two")))
		require.False(t, q.Empty())
		require.Equal(t, 2, q.Len())
		require.Empty(t, got[[]byte](t)(q.Get()))
		require.Equal(t, "two", string(got[[]byte](t)(q.Get())))
		q.WithCodec(
			func(b []byte) ([]byte, error) { return append(b, '!'), nil },
			func(b []byte) ([]byte, error) { return append(b, '?'), nil },
		)
		require.NoError(t, q.Put([]byte("x")))
		require.Equal(t, "x!?", string(got[[]byte](t)(q.Get())))
		require.NoError(t, q.Close())
		require.Equal(t, mp.ErrClosed, q.Put(nil))
		_, err = q.Get()
		require.Equal(t, mp.ErrClosed, err)
		return nil
	})
}
