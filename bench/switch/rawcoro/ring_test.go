//go:build rawcoro

package rawcoro

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRingGoesRoundAndEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, size := range []int{2, 3, 17} {
		for rounds := range 40 {
			r := NewRing(size)
			r.Run(rounds)
			r.Close()
			for i := 1; i < size; i++ {
				require.True(t, r.ended[i], "size %d, rounds %d, member %d", size, rounds, i)
			}
		}
	}
	require.Equal(t, before, runtime.NumGoroutine())
}
