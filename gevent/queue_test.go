package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/sched"
)

// startTimer has fn called by the loop after d, outside any greenlet.
func startTimer(d time.Duration, fn func()) {
	s := GetHub().sched
	s.StartTimer(sched.NewTimer(fn), s.After(d))
}

func TestQueueOrders(t *testing.T) {
	items := []int{3, 1, 4, 1, 5}
	for name, want := range map[string][]int{
		"Queue": items, "SimpleQueue": items, "LifoQueue": {5, 1, 4, 1, 3}, "PriorityQueue": {1, 1, 3, 4, 5},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, want, inHub(t, func() []int { return getAll(boxKinds[name](0, items...)) }), "initial items")
			require.Equal(t, want, inHub(t, func() []int {
				b := boxKinds[name](0)
				for _, v := range items {
					require.NoError(t, b.Put(v))
				}
				first, err := b.(peekable).Peek()
				require.NoError(t, err)
				require.Equal(t, want[0], first)
				return getAll(b)
			}))
		})
	}
}

// inHub returns what fn returns in a hub on virtual time.
func inHub[T any](t *testing.T, fn func() T) (v T) {
	virtual(t, func() error { v = fn(); return nil })
	return v
}

func TestQueueZeroValues(t *testing.T) {
	virtual(t, func() error {
		var (
			q JoinableQueue[int]
			l LifoQueue[int]
			s SimpleQueue[int]
			c Channel[int]
		)
		for _, b := range []box{&q, &l, simple{&s}} {
			_, err := b.TryGet()
			require.Same(t, ErrEmpty, err)
			for i := range 100 {
				require.NoError(t, b.Put(i))
			}
		}
		require.Len(t, getAll(&q), 100)
		require.Equal(t, 99, getAll(&l)[0], "last in, first out")
		require.Same(t, ErrFull, c.TryPut(1))
		_, err := c.TryGet()
		require.Same(t, ErrEmpty, err)
		require.Zero(t, q.Cap())
		require.False(t, q.Full())
		require.PanicsWithValue(t, "gevent: the zero PriorityQueue has no order; make it with NewPriorityQueue or "+
			"NewPriorityQueueFunc", func() { _ = new(PriorityQueue[int]).Put(1) })
		require.Panics(t, func() { NewPriorityQueueFunc[int](0, nil) })
		require.Panics(t, func() { NewQueue(1, 1, 2) })
		return nil
	})
	require.PanicsWithValue(t, "gevent: Queue.Put called outside a hub: call it inside gevent.Run, on no goroutine started "+
		"with go (there, use Hub.Post)", func() { _ = new(Queue[int]).Put(1) })
}

func TestQueueLimit(t *testing.T) {
	virtual(t, func() error {
		q := NewQueue(3, 1)
		require.Equal(t, []any{1, 3, false, false}, []any{q.Len(), q.Cap(), q.Empty(), q.Full()})
		require.NoError(t, q.TryPut(2))
		require.NoError(t, q.Put(3))
		require.True(t, q.Full())
		require.Same(t, ErrFull, q.TryPut(4))
		require.ErrorIs(t, q.PutTimeout(4, time.Second), ErrTimeout)
		require.Equal(t, []int{1, 2, 3}, getAll(q))
		require.True(t, q.Empty())
		_, err := q.GetTimeout(time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		return nil
	})
}

func TestQueuePeek(t *testing.T) {
	virtual(t, func() error {
		q := NewQueue[int](0)
		_, err := q.TryPeek()
		require.Same(t, ErrEmpty, err)
		a, b, c, d := Go(q.Peek), Go(q.Peek), getter(q), Go(q.Peek)
		parked(t, &a.Greenlet, &b.Greenlet, &c.Greenlet, &d.Greenlet)
		require.NoError(t, q.Put(1))
		parked(t, &d.Greenlet)
		for _, g := range []*Result[int]{a, b, c} {
			v, err := g.Get()
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}
		require.NoError(t, q.Put(2))
		v, err := d.Get()
		require.NoError(t, err)
		require.Equal(t, 2, v)
		for range 3 {
			v, err = q.TryPeek()
			require.NoError(t, err)
			require.Equal(t, 2, v)
		}
		require.Equal(t, []int{2}, getAll(q))
		return nil
	})
	var deadlock *DeadlockError
	require.ErrorAs(t, virtualConfig(t, Config{}, func() error { _, err := new(Queue[int]).Peek(); return err }), &deadlock)
	require.Equal(t, "the sight of an item of a queue", deadlock.Tasks[0].Why)
}

// What a timer's function does, outside any greenlet, ends the waits of greenlets.
func TestQueueFromTheLoop(t *testing.T) {
	eachBox(t, 1, func(t *testing.T, b box) {
		g := getter(b)
		startTimer(time.Second, func() {
			require.Nil(t, GetHub().sched.Current())
			require.NoError(t, b.TryPut(1))
		})
		v, err := g.Get()
		require.NoError(t, err)
		require.Equal(t, 1, v)

		if _, unlimited := b.(simple); unlimited {
			return
		}
		for b.TryPut(0) == nil {
			continue
		}
		p := putter(b, 2)
		startTimer(time.Second, func() {
			require.Same(t, ErrFull, b.TryPut(3))
			_, err := b.TryGet()
			require.NoError(t, err)
		})
		require.NoError(t, p.Get())
		getAll(b)
	})
}

func TestQueueAll(t *testing.T) {
	eachBox(t, 0, func(t *testing.T, b box) {
		var got []int
		g := Spawn(func() error {
			for v := range b.All() {
				got = append(got, v)
			}
			return nil
		})
		for i := range 3 {
			require.NoError(t, b.Put(i))
			Yield()
		}
		shutdown(b, false)
		require.NoError(t, g.Get())
		require.Equal(t, []int{0, 1, 2}, got)
	})
	virtual(t, func() error {
		q := NewQueue(0, 1, 2, 3)
		for v := range q.All() {
			if v == 2 {
				break
			}
		}
		require.Equal(t, []int{3}, getAll(q))
		g := Spawn(func() error {
			for range q.All() {
				continue
			}
			return nil
		})
		parked(t, g)
		throw(g, errMade)
		return g.Get()
	})
}

func TestQueueShutdown(t *testing.T) {
	for _, kind := range []string{"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"} {
		virtual(t, func() error {
			q := boxKinds[kind](0, 1, 2).(peekable)
			q.Shutdown(false)
			require.Same(t, ErrShutdown, q.Put(3))
			require.Same(t, ErrShutdown, q.TryPut(3))
			v, err := q.Peek()
			require.NoError(t, err)
			w, err := q.Get()
			require.NoError(t, err)
			require.Equal(t, v, w)
			q.Shutdown(true)
			require.Zero(t, q.Len())
			_, err = q.Get()
			require.Same(t, ErrShutdown, err)
			_, err = q.TryGet()
			require.Same(t, ErrShutdown, err)
			_, err = q.TryPeek()
			require.Same(t, ErrShutdown, err)
			require.Same(t, ErrShutdown, q.Put(3))
			return nil
		})
	}
}

func TestQueueIsWaitable(t *testing.T) {
	eachBox(t, 1, func(t *testing.T, b box) {
		told := 0
		o := &observer{notify: func() { told++ }}
		b.observe(o)
		require.False(t, b.Ready())
		g := getter(b)
		parked(t, &g.Greenlet)
		require.NoError(t, b.TryPut(1))
		require.False(t, b.Ready(), "it went to who waited")
		require.NoError(t, g.Join())
		require.Zero(t, told)
		p := putter(b, 2)
		Yield()
		require.True(t, b.Ready())
		require.Equal(t, 1, told)
		getAll(b)
		require.False(t, b.Ready())
		require.NoError(t, p.Get())
		b.observe(o)
		b.ignore(o)
		shutdown(b, false)
		require.Equal(t, 1, told, "ignored")
		require.True(t, b.Ready())
		b.observe(o)
		require.Equal(t, 2, told, "at once")
	})
}

// A SimpleQueue's Put neither waits nor lets others run, wherever it is called.
func TestSimpleQueuePutNeverWaits(t *testing.T) {
	virtual(t, func() error {
		var q SimpleQueue[int]
		switches := GetHub().Stats().Switches
		for i := range 1000 {
			require.NoError(t, q.Put(i))
		}
		require.Equal(t, switches, GetHub().Stats().Switches)
		startTimer(time.Second, func() { require.NoError(t, q.Put(1000)) })
		require.NoError(t, Sleep(time.Minute))
		require.Len(t, getAll(simple{&q}), 1001)
		return nil
	})
}
