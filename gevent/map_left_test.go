package gevent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The loop is left at the moment when whoever takes the items has just got room, or a place, for the next.
func TestIMapLeftWhileThereIsRoom(t *testing.T) {
	for name, test := range map[string]struct {
		limit int
		in    Workers
	}{
		"room":           {2, new(Group)},
		"place":          {0, NewPool(1)},
		"room and place": {1, NewPool(1)},
		"nursery":        {2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func() error {
				return Nurse(func(n *Nursery) error {
					w := test.in
					if w == nil {
						w = n
					}
					last := 0
					work := func(i int) (int, error) { last = i; return sleepy(i) }
					input := func(yield func(int) bool) {
						for i := 1; yield(i); i++ {
						}
					}
					for range IMapMax(w, test.limit, input, work) {
						break
					}
					began := last
					Yield()
					Yield()
					require.Zero(t, w.Len())
					require.Equal(t, began, last)
					require.Equal(t, time.Second, now())
					return nil
				})
			})
		})
	}
}
