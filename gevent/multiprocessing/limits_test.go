//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// takenSeats has all seats of a semaphore taken, with a token each, and returns it with some more.
func takenSeats(t *testing.T, more int64, of func(i int) identity) *Semaphore {
	t.Helper()
	s, err := NewSemaphore(0)
	require.NoError(t, err)
	all := tokensOf(s.r)
	for i := range all.seats {
		all.seats[i].of.Store(uint64(of(i)))
		all.seats[i].count.Store(1)
	}
	all.state.total.Store(maxSeats + more)
	return s
}

// However many processes have died with tokens, one who comes gets one, and is told.
func TestSemaphoreOfManyDeadHolders(t *testing.T) {
	inHub(t, func() {
		for _, more := range []int64{0, 5} {
			s := takenSeats(t, more, func(i int) identity { return newIdentity(1<<30+i, 1) })
			for n := range 3 {
				require.Equal(t, ErrHolderDied, s.AcquireTimeout(0))
				require.EqualValues(t, maxSeats+more-1-int64(n), s.Value())
			}
			require.NoError(t, s.ReleaseN(3))
			require.EqualValues(t, maxSeats+more, s.Value())
			require.NoError(t, s.Close())
		}
	})
}

// Each death is told, also of two of which one has left the seat that was taken over while others had precedence.
func TestSemaphoreOfTwoUntoldDeaths(t *testing.T) {
	inHub(t, func() {
		s := takenSeats(t, 0, func(int) identity { return newIdentity(os.Getppid(), 0) })
		all := tokensOf(s.r)
		for _, i := range []int{2, 5} {
			all.seats[i].of.Store(uint64(nobody))
			all.seats[i].count.Store(diedHere)
		}
		all.seats[5].of.Store(uint64(me()))
		require.Equal(t, ErrHolderDied, s.AcquireTimeout(0))
		require.Equal(t, ErrHolderDied, s.AcquireTimeout(0))
		require.Equal(t, gevent.ErrTimeout, s.AcquireTimeout(0))
		require.NoError(t, s.Release())
		require.NoError(t, s.AcquireTimeout(0))
		require.NoError(t, s.Close())
	})
}

// When as many processes as have a seat are alive, one more waits for one of them.
func TestSemaphoreWithoutSeats(t *testing.T) {
	inHub(t, func() {
		s := takenSeats(t, 1, func(int) identity { return newIdentity(os.Getppid(), 0) })
		require.Equal(t, gevent.ErrTimeout, s.AcquireTimeout(0))
		waiter := gevent.Spawn(func() error { return s.AcquireTimeout(latchPatience) })
		gevent.Yield()
		require.NoError(t, s.Release(), "of another one")
		require.NoError(t, waiter.Get())
		require.Equal(t, 1, s.Value())
		require.Zero(t, tokensOf(s.r).state.next.of.Load())
		require.NoError(t, s.Close())
	})
}

// More tokens than can be counted are an error, not fewer than none.
func TestSemaphoreOfTooManyTokens(t *testing.T) {
	inHub(t, func() {
		s, err := NewSemaphore(1)
		require.NoError(t, err)
		total := &tokensOf(s.r).state.total
		total.Store(math.MaxInt64)
		require.Equal(t, errTokens, s.Release())
		require.NoError(t, s.Acquire())
		require.Equal(t, errTokens, s.ReleaseN(2))
		require.NoError(t, s.Release(), "the one that was taken")
		require.Equal(t, int64(math.MaxInt64), total.Load())
		require.NoError(t, s.Close())
	})
}

// Those who have died while they waited, without a notification, take nobody's place.
func TestConditionOfManyDeadWaiters(t *testing.T) {
	inHub(t, func() {
		c, err := NewCondition(nil)
		require.NoError(t, err)
		q := ticketsOf(c.r)
		for i := range q.places {
			q.places[i].of.Store(uint64(nobody))
			q.places[i].ticket.Store(q.state.given.Add(1))
		}
		waiter := gevent.Spawn(func() error { return c.With(func() error { return c.WaitTimeout(latchPatience) }) })
		gevent.Yield()
		require.NoError(t, c.With(func() error { return c.Notify(1) }))
		require.NoError(t, waiter.Get())
		for i := range q.places {
			q.places[i].of.Store(uint64(me()))
			q.places[i].ticket.Store(q.state.given.Add(1))
		}
		require.Equal(t, errWaiters, c.With(c.Wait))
		require.False(t, c.Locked())
		require.NoError(t, c.Close())
	})
}

// One process too many is told so, and does not break the round of the others.
func TestBarrierOfTooManyProcesses(t *testing.T) {
	inHub(t, func() {
		b, err := NewBarrier(maxSeats + 2)
		require.NoError(t, err)
		s := roundsOf(b.r)
		for i := range s.seats {
			s.seats[i].of.Store(uint64(newIdentity(os.Getppid(), 0)))
			s.seats[i].count.Store(int64(s.word().number()<<partyBits | 1))
		}
		_, err = b.WaitTimeout(0)
		require.Equal(t, errParties, err)
		require.False(t, b.Broken())
		require.Equal(t, maxSeats, b.Waiting())
		require.NoError(t, b.Close())
	})
}

// A process may have got any number of items without TaskDone: those are lost with it.
func TestRingOfManyItemsInHand(t *testing.T) {
	inHub(t, func() {
		g := ringOf(t, 0, 1<<20)
		require.NoError(t, g.put(nil, 0))
		g.r.enter()
		g.mine().count.Store(math.MaxInt32)
		g.r.leave()
		g.state().ledgers[g.state().valid.Load()].unfinished += math.MaxInt32
		_, err := g.takeNow(1, 100)
		require.NoError(t, err)
		g.r.enter()
		g.lose(me())
		g.r.leave()
		require.Equal(t, int64(math.MaxInt32)+1, g.look().lost)
		require.Zero(t, g.look().unfinished)
		g.r.close()
	})
}

// A queue without a limit says so.
func TestCapWithoutLimit(t *testing.T) {
	inHub(t, func() {
		for _, limit := range []int{math.MinInt, -1, 0, 3} {
			q, err := NewQueue[int](limit)
			require.NoError(t, err)
			require.Equal(t, max(limit, 0), q.Cap())
			require.False(t, q.Full())
			require.NoError(t, q.Close())
		}
	})
}
