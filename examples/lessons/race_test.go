//go:build unix

package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the lesson on races says of its two balances: threads lose deposits, and coroutines none.
func TestOnlyThreadsLoseDeposits(t *testing.T) {
	lost := 0
	for range 10 { // one round is enough, as hundreds are lost, unless the machine runs one thread to its end before the next
		if lost = tellers*deposits - withThreads(); lost > 0 {
			break
		}
	}
	require.Positive(t, lost)
	s := &stage{out: io.Discard}
	require.NoError(t, s.runReal(func() error {
		balance, err := withCoroutines()
		require.NoError(t, err)
		require.Equal(t, tellers*deposits, balance)
		return nil
	}))
}

// What the lesson on blocking says of time.Sleep: while the thread stands still, nobody ticks.
func TestABlockedThreadDoesNotTick(t *testing.T) {
	s := &stage{out: io.Discard}
	require.NoError(t, s.runReal(func() error {
		ticks, longest, err := beside(func() error { loop(job); return nil })
		require.NoError(t, err)
		require.Zero(t, ticks)
		require.GreaterOrEqual(t, longest, job)
		return nil
	}))
}
