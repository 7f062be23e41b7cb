package gevent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSharedResultOutcome(t *testing.T) {
	run(t, func() error {
		r := new(SharedResult[int])
		require.False(t, r.Ready())
		require.True(t, r.Set(1))
		require.False(t, r.Set(2), "the first stays")
		require.False(t, r.Fail(errMade))
		for range 2 {
			v, err := r.Get()
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}
		require.True(t, r.Ready())
		f := new(SharedResult[int])
		require.True(t, f.Fail(errMade))
		_, err := f.GetTimeout(0)
		require.Same(t, errMade, err)
		require.Panics(t, func() { f.Fail(nil) })
		return nil
	})
}
