package gevent

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A comparison that panics leaves the queue as it was: the call has not happened.
func TestPriorityQueueFailingOrder(t *testing.T) {
	virtual(t, func() error {
		fail := false
		q := NewPriorityQueueFunc(4, func(a, b int) bool {
			if fail {
				panic(errMade)
			}
			return a < b
		}, 3, 1, 2)
		failing := func(fn func()) {
			fail = true
			require.PanicsWithError(t, errMade.Error(), fn)
			fail = false
		}
		failing(func() { _ = q.Put(0) })
		failing(func() { _, _ = q.Get() })
		require.Equal(t, []int{3, 3}, []int{q.Len(), q.Unfinished()})
		require.NoError(t, q.Put(5))
		p := putter(q, 0)
		parked(t, p)
		failing(func() { _, _ = q.TryGet() })
		parked(t, p)
		require.True(t, q.Full())
		require.Equal(t, []int{1, 0, 2, 3, 5}, getAll(q))
		return p.Get()
	})
}

func TestPriorityQueueEqualItemsKeepTheirOrder(t *testing.T) {
	type job struct{ priority, number int }
	virtual(t, func() error {
		q := NewPriorityQueueFunc(0, func(a, b job) bool { return a.priority < b.priority })
		var want []job
		for i := range 100 {
			want = append(want, job{i % 3, i})
			require.NoError(t, q.Put(want[i]))
		}
		slices.SortStableFunc(want, func(a, b job) int { return a.priority - b.priority })
		for _, w := range want {
			v, err := q.TryGet()
			require.NoError(t, err)
			require.Equal(t, w, v)
		}
		f := NewPriorityQueue(0, 1, math.NaN(), math.Inf(-1))
		v, err := f.Get()
		require.NoError(t, err)
		require.True(t, math.IsNaN(v))
		return nil
	})
}
