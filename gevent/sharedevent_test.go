package gevent

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// All who wait when the event is set are woken, in order, though it is cleared before they run.
func TestSharedEventSetThenClear(t *testing.T) {
	for _, n := range []int{1, 100, 1000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			run(t, func() error {
				e := new(SharedEvent)
				var order []int
				gs := make([]*Greenlet, n)
				for i := range gs {
					gs[i] = Spawn(func() error { err := e.Wait(); order = append(order, i); return err })
				}
				parked(t, gs...)
				inGoroutine(t, func() { e.Set(); e.Set(); e.Clear() })
				require.NoError(t, JoinAll(gs...))
				for i, got := range order {
					require.Equal(t, i, got)
				}
				require.False(t, e.IsSet())
				require.ErrorIs(t, e.WaitTimeout(0), ErrTimeout)
				e.Set()
				return e.WaitTimeout(0)
			})
		})
	}
}
