package gevent

import (
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"
)

// An item that is out is referred to by nobody: not by the store, the records of waits or the queue's iterator.
func TestQueueForgetsItems(t *testing.T) {
	type item struct{ _ [64]byte }
	less := func(a, b *item) bool { return false }
	queues := map[string]interface {
		Put(v *item) error
		Get() (*item, error)
		core() *exchange[*item]
	}{
		"Queue":         NewQueue[*item](1),
		"LifoQueue":     NewLifoQueue[*item](1),
		"PriorityQueue": NewPriorityQueueFunc[*item](1, less),
		"SimpleQueue":   NewSimpleQueue[*item](),
		"Channel":       NewChannel[*item](),
	}
	for name, q := range queues {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				var refs []weak.Pointer[item]
				put := func() *Greenlet {
					v := new(item)
					refs = append(refs, weak.Make(v))
					return Spawn(func() error { return q.Put(v) })
				}
				a, b, c := put(), put(), put()
				Yield()
				c.KillAsync() // with an item in its hand, unless the queue has no limit
				for range 2 {
					_, err := q.Get()
					require.NoError(t, err)
				}
				g := Spawn(func() error { _, err := q.Get(); return err })
				Yield()
				d := put()
				Yield()
				require.NoError(t, JoinAll(a, b, c, d, g))
				for range 2 { // no task, which is reused, keeps it
					Spawn(func() error { return nil })
				}
				Yield()
				a, b, c, d, g = nil, nil, nil, nil, nil
				if name == "SimpleQueue" {
					_, err := q.Get()
					require.NoError(t, err)
				}
				runtime.GC()
				for i, ref := range refs {
					require.Nil(t, ref.Value(), "item %d", i)
				}
				runtime.KeepAlive(q)
				return nil
			})
		})
	}
}

// A wait allocates nothing once there was one.
func TestQueueAllocates(t *testing.T) {
	virtual(t, func() error {
		q, c := NewQueue[int](1), NewChannel[int]()
		g := Spawn(func() error {
			for {
				v, err := q.Get()
				if err == nil {
					err = c.Put(v)
				}
				if err != nil {
					return err
				}
			}
		})
		in := []Case{OnGet(c, nil)}
		round := func() {
			_ = q.Put(1)
			_ = q.Put(2)
			_, _ = c.Get()
			_, _ = Select(in...)
		}
		round()
		require.Zero(t, testing.AllocsPerRun(100, round))
		c.Close()
		q.Shutdown(true)
		require.Same(t, ErrShutdown, g.Get())
		return nil
	})
}
