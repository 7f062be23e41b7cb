//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A queue has room for as much as is said.
func TestRingLimit(t *testing.T) {
	inHub(t, func() {
		g, err := newRing(queueKind, 0)
		require.NoError(t, err)
		require.EqualValues(t, ringReserve-headerSize-ringBytes, g.state().limit)
		g.r.close()
	})
}
