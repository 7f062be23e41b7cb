package gevent

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueuePuttersInsertInOrder(t *testing.T) {
	virtual(t, func() error {
		q := NewQueue(1, 0)
		var gs []*Greenlet
		for i := range 5 {
			gs = append(gs, putter(q, i+1))
		}
		parked(t, gs...)
		for i := range 6 {
			v, err := q.Get()
			require.NoError(t, err)
			require.Equal(t, i, v)
			require.Equal(t, i < 5, q.Full(), "what was waited for came in at once")
		}
		return JoinAll(gs...)
	})
}

func TestQueueGettersAreServedInOrder(t *testing.T) {
	eachBox(t, 0, func(t *testing.T, b box) {
		var l log
		var gs []*Greenlet
		for _, name := range []string{"a", "b", "c"} {
			gs = append(gs, Spawn(func() error {
				v, err := b.Get()
				l.add(fmt.Sprint(name, v))
				return err
			}))
		}
		parked(t, gs...)
		for i := range 3 {
			require.NoError(t, b.TryPut(i))
		}
		require.NoError(t, JoinAll(gs...))
		require.Equal(t, "a0 b1 c2", l.String())
	})
}

// Put does not switch to the greenlet that it serves.
func TestQueuePutDoesNotSwitch(t *testing.T) {
	virtual(t, func() error {
		var l log
		q := NewQueue[int](0)
		g := Spawn(func() error {
			v, err := q.Get()
			l.add(fmt.Sprint("got ", v))
			return err
		})
		parked(t, g)
		require.NoError(t, q.Put(1))
		l.add("put")
		require.NoError(t, q.Put(2))
		l.add("put")
		require.NoError(t, g.Get())
		require.Equal(t, "put put got 1", l.String())
		require.Equal(t, []int{2}, getAll(q))
		return nil
	})
}

// What was put while somebody waits is that one's, at once: nobody can take it away before its turn.
func TestQueueTryGetDoesNotSteal(t *testing.T) {
	eachBox(t, 1, func(t *testing.T, b box) {
		g := getter(b)
		parked(t, &g.Greenlet)
		require.NoError(t, b.TryPut(1))
		_, err := b.TryGet()
		require.Same(t, ErrEmpty, err)
		if q, ok := b.(peekable); ok {
			require.Zero(t, q.Len())
			require.NoError(t, q.TryPut(2), "it takes no room either")
			require.Equal(t, []int{2}, getAll(q))
		}
		v, err := g.Get()
		require.NoError(t, err)
		require.Equal(t, 1, v)
	})
}

// Nor does a greenlet that comes later.
func TestQueueGetDoesNotOvertake(t *testing.T) {
	eachBox(t, 1, func(t *testing.T, b box) {
		first := getter(b)
		parked(t, &first.Greenlet)
		second := getter(b)
		require.NoError(t, b.TryPut(1))
		parked(t, &second.Greenlet)
		v, err := first.Get()
		require.NoError(t, err)
		require.Equal(t, 1, v)
		require.NoError(t, second.Kill())
	})
}

func TestQueuePutThenKill(t *testing.T) {
	eachBox(t, 1, func(t *testing.T, b box) {
		got := 0
		g := Spawn(func() (err error) {
			got, err = b.Get()
			Yield() // here the kill comes
			got = -1
			return err
		})
		parked(t, g)
		require.NoError(t, b.TryPut(1))
		require.NoError(t, g.Kill())
		require.Equal(t, 1, got)
		require.Empty(t, getAll(b))
	})
}

func TestQueueKillThenPut(t *testing.T) {
	eachBox(t, 1, func(t *testing.T, b box) {
		g := getter(b)
		parked(t, &g.Greenlet)
		g.KillAsync()
		if _, ok := b.(closable); ok {
			require.Same(t, ErrFull, b.TryPut(1))
		} else {
			require.NoError(t, b.Put(1))
			require.Equal(t, []int{1}, getAll(b), "it stays")
		}
		require.NoError(t, g.Join())
	})
}

// A greenlet that never has to wait lets others run.
func TestQueueIsFair(t *testing.T) {
	virtual(t, func() error {
		turns := 0
		g := Spawn(func() error {
			for {
				turns++
				Yield()
			}
		})
		q := NewQueue[int](0)
		for i := range 1000 {
			require.NoError(t, q.Put(i))
		}
		require.GreaterOrEqual(t, turns, 7)
		for range 1000 {
			_, err := q.Get()
			require.NoError(t, err)
		}
		require.GreaterOrEqual(t, turns, 15)
		return g.Kill()
	})
}

// The yield of the budget is no place to lose an item that was taken.
func TestQueueKillAtTheBudget(t *testing.T) {
	virtual(t, func() error {
		const total, budgetAtLeast = 1000, 20
		q := NewQueue[int](0)
		for i := range total {
			require.NoError(t, q.TryPut(i))
		}
		var got []int
		for range total / budgetAtLeast {
			g := Spawn(func() error {
				for {
					v, err := q.Get()
					if err != nil {
						return err
					}
					got = append(got, v)
				}
			})
			Yield()
			require.NoError(t, g.Kill())
		}
		require.Len(t, got, total)
		for i, v := range got {
			require.Equal(t, i, v)
		}
		return nil
	})
}

// Both ends run in batches: a switch each time that the queue is full or empty, and not for each item.
func TestQueueSwitchesOncePerBatch(t *testing.T) {
	virtual(t, func() error {
		const total, limit = 10000, 100
		q := NewQueue[int](limit)
		p := Spawn(func() error {
			for i := range total {
				if err := q.Put(i); err != nil {
					return err
				}
			}
			return nil
		})
		before := GetHub().Stats().Switches
		for i := range total {
			v, err := q.Get()
			require.NoError(t, err)
			require.Equal(t, i, v)
		}
		require.NoError(t, p.Get())
		require.Less(t, GetHub().Stats().Switches-before, uint64(2*total/limit+total/64))
		return nil
	})
}

// In a random order of the run queue items still come in the order in which they were put, and each once.
func TestQueueUnderAnyOrder(t *testing.T) {
	for seed := range uint64(20) {
		require.NoError(t, virtualConfig(t, Config{Seed: seed + 1}, func() error {
			q, c := NewQueue[int](2), NewChannel[int]()
			const total = 100
			Spawn(func() error {
				for i := range total {
					require.NoError(t, q.Put(i))
				}
				q.Shutdown(false)
				return nil
			})
			Spawn(func() error {
				for v := range q.All() {
					require.NoError(t, c.Put(v))
				}
				c.Close()
				return nil
			})
			next := 0
			for v := range c.All() {
				require.Equal(t, next, v)
				next++
			}
			require.Equal(t, total, next)
			return nil
		}))
	}
}
