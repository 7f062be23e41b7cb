package work

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRounds(t *testing.T) {
	none, err := Rounds(0)
	require.NoError(t, err)
	require.Zero(t, none)
	Do(none)
	some, err := Rounds(10 * time.Microsecond)
	require.NoError(t, err)
	require.Greater(t, some, 100)
	Do(some)
}
