package gevent

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Hubs and goroutines exchange items through bounded queues, while greenlets are killed and time out: nothing is lost,
// nothing doubled.
func TestSharedQueueManyThreadsLoseNothing(t *testing.T) {
	defer noGoroutines(t)
	items := 50_000
	if testing.Short() {
		items = 10_000
	}
	q := NewSharedQueue[int](16)
	seen := make([]atomic.Int32, items)
	var next atomic.Int64
	var producers, consumers sync.WaitGroup
	produce := func(put func(int) error) error {
		for {
			i := int(next.Add(1)) - 1
			if i >= items {
				return nil
			}
			for put(i) != nil {
			}
		}
	}
	consume := func(get func() (int, error)) error {
		for {
			i, err := get()
			switch {
			case errors.Is(err, ErrShutdown):
				return nil
			case err == nil:
				seen[i].Add(1)
			}
		}
	}
	hub := func(wg *sync.WaitGroup, body func() error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = Run(func() error {
				var gs []*Greenlet
				for range 4 {
					gs = append(gs, Spawn(body))
				}
				killed := Spawn(func() error { // dies in a Get again and again
					for {
						g := Spawn(func() error {
							i, err := q.Get()
							if err == nil {
								seen[i].Add(1)
							}
							return err
						})
						_ = Sleep(50 * time.Microsecond)
						_ = g.Kill()
					}
				})
				err := JoinAll(gs...)
				return errors.Join(err, killed.Kill())
			})
		}()
	}
	hub(&producers, func() error { return produce(func(i int) error { return q.PutTimeout(i, time.Microsecond) }) })
	hub(&producers, func() error { return produce(q.Put) })
	hub(&consumers, func() error { return consume(q.Get) })
	hub(&consumers, func() error { return consume(func() (int, error) { return q.GetTimeout(time.Microsecond) }) })
	for range 2 {
		producers.Go(func() { _ = produce(q.Put) })
		consumers.Go(func() { _ = consume(func() (int, error) { return q.GetTimeout(time.Microsecond) }) })
	}
	producers.Wait()
	q.Shutdown()
	consumers.Wait()
	for i := range seen {
		require.EqualValues(t, 1, seen[i].Load(), "item %d", i)
	}
}

// Two hubs exchange a million items.
func TestSharedQueueBetweenHubs(t *testing.T) {
	defer noGoroutines(t)
	items := 1_000_000
	if testing.Short() {
		items = 100_000
	}
	there, back := NewSharedQueue[int](128), NewSharedQueue[int](128)
	ended := make(chan error)
	go func() {
		ended <- Run(func() error {
			for v, err := range there.All() {
				if err != nil {
					return err
				}
				if err := back.Put(v + 1); err != nil {
					return err
				}
			}
			back.Shutdown()
			return nil
		})
	}()
	require.NoError(t, Run(func() error {
		sender := Spawn(func() error {
			for i := range items {
				if err := there.Put(i); err != nil {
					return err
				}
			}
			there.Shutdown()
			return nil
		})
		want := 1
		for v, err := range back.All() {
			require.NoError(t, err)
			if v != want {
				require.Equal(t, want, v)
			}
			want++
		}
		require.Equal(t, items+1, want)
		return sender.Get()
	}))
	require.NoError(t, <-ended)
}

func TestSharedQueueOrder(t *testing.T) {
	run(t, func() error {
		q := NewSharedQueue[int](2)
		var l log
		var putters []*Greenlet
		for i := range 5 {
			putters = append(putters, Spawn(func() error { defer l.add(fmt.Sprint("+", i)); return q.Put(i) }))
		}
		parked(t, putters[2:]...)
		require.False(t, q.TryPut(9))
		for i := range 5 {
			v, err := q.Get()
			require.NoError(t, err)
			require.Equal(t, i, v)
			_ = Sleep(1)
		}
		require.Equal(t, "+0 +1 +2 +3 +4", l.String())
		l = nil
		for i := range 3 {
			putters[i] = Spawn(func() error { v, err := q.Get(); l.add(fmt.Sprint(i, "<-", v)); return err })
		}
		parked(t, putters[:3]...)
		inGoroutine(t, func() {
			for i := range 3 {
				_ = q.Put(i)
			}
		})
		require.NoError(t, JoinAll(putters[:3]...))
		require.Equal(t, "0<-0 1<-1 2<-2", l.String())
		_, ok := q.TryGet()
		require.False(t, ok)
		return nil
	})
}

func TestSharedQueueShutdown(t *testing.T) {
	t.Run("drain", func(t *testing.T) {
		run(t, func() error {
			q := NewSharedQueue[int](1)
			require.NoError(t, q.Put(1))
			putter := Spawn(func() error { return q.Put(2) })
			parked(t, putter)
			inGoroutine(t, q.Shutdown)
			require.ErrorIs(t, putter.Get(), ErrShutdown)
			require.ErrorIs(t, q.Put(3), ErrShutdown)
			require.False(t, q.TryPut(3))
			var got []int
			for v, err := range q.All() {
				require.NoError(t, err)
				got = append(got, v)
			}
			require.Equal(t, []int{1}, got)
			_, err := q.Get()
			require.ErrorIs(t, err, ErrShutdown)
			q.Shutdown()
			return nil
		})
	})
	t.Run("waiting getters", func(t *testing.T) {
		run(t, func() error {
			q := new(SharedQueue[int])
			getter := Spawn(func() error { _, err := q.Get(); return err })
			parked(t, getter)
			inGoroutine(t, q.Shutdown)
			require.ErrorIs(t, getter.Get(), ErrShutdown)
			return nil
		})
	})
	t.Run("now", func(t *testing.T) {
		q := new(SharedQueue[int])
		for i := range 3 {
			require.NoError(t, q.Put(i))
		}
		q.TryGet()
		require.Equal(t, []int{1, 2}, q.ShutdownNow())
		require.Empty(t, q.ShutdownNow())
		_, err := q.Get()
		require.ErrorIs(t, err, ErrShutdown)
	})
}

// A kill that comes when a greenlet has had its share of what is there at once finds it with nothing in hand.
func TestSharedQueueKilledBetween(t *testing.T) {
	virtual(t, func() error {
		q, got := new(SharedQueue[int]), 0
		for i := range 1000 {
			q.TryPut(i)
		}
		g := Spawn(func() error {
			for {
				if _, err := q.Get(); err != nil {
					return err
				}
				got++
			}
		})
		Yield()
		require.Positive(t, got)
		require.NoError(t, g.Kill())
		require.Equal(t, 1000, got+q.Len())
		return nil
	})
}

// The error that ends the iteration is its last pair.
func TestSharedQueueAllTellsTheError(t *testing.T) {
	run(t, func() error {
		q := new(SharedQueue[int])
		g := Spawn(func() error {
			for _, err := range q.All() {
				if err != nil {
					return err
				}
			}
			return nil
		})
		parked(t, g)
		throw(g, errMade)
		require.Same(t, errMade, g.Get())
		return nil
	})
}

func TestSharedQueueKeepsNothingAlive(t *testing.T) {
	q := new(SharedQueue[*[1 << 20]byte])
	gone := make(chan struct{})
	for range 3 {
		item := new([1 << 20]byte)
		runtime.AddCleanup(item, func(int) { gone <- struct{}{} }, 0)
		require.NoError(t, q.Put(item))
	}
	for range 2 {
		_, _ = q.Get()
	}
	awaitFreed(t, gone)
	awaitFreed(t, gone)
	require.Equal(t, 1, q.Len())
	q.TryGet()
	awaitFreed(t, gone)
}
