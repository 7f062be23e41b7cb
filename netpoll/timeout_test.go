package netpoll

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMilliseconds(t *testing.T) {
	for timeout, want := range map[time.Duration]int{
		-time.Hour:                         -1,
		0:                                  0,
		time.Nanosecond:                    1,
		time.Millisecond:                   1,
		time.Millisecond + time.Nanosecond: 2,
		math.MaxInt64:                      math.MaxInt32,
	} {
		require.Equal(t, want, milliseconds(timeout), timeout)
	}
}
