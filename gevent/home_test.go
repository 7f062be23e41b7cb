package gevent

import (
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/runtime/coro"
)

// On a thread that stays entered, as by package greenlet, two hubs have the same coro.Thread, one after the other.
func TestHomeIsTheNextHubOnTheSameThread(t *testing.T) {
	th := coro.Enter()
	defer func() { require.NoError(t, th.Leave()) }()
	l, q, e := new(Lock), NewQueue[int](0), new(Event)
	c := NewCondition(l)
	for range 2 {
		require.NoError(t, simulate(func() {
			require.NoError(t, l.Acquire())
			require.True(t, l.held(GetHub()))
			l.Release()
			require.NoError(t, c.With(func() error {
				require.Equal(t, ErrTimeout, c.WaitTimeout(1))
				return nil
			}))
			_, err := q.GetTimeout(1)
			require.Equal(t, ErrTimeout, err)
			require.Equal(t, ErrTimeout, e.WaitTimeout(1))
		}))
	}
}
