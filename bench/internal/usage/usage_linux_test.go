package usage

import (
	"os"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseRSS(t *testing.T) {
	rss, err := parseRSS([]byte("Name:\tx\nVmRSS:\t    1234 kB\nThreads:\t5\n"))
	require.NoError(t, err)
	require.EqualValues(t, 1234<<10, rss)

	_, err = parseRSS([]byte("Name:\tx\n"))
	require.ErrorContains(t, err, "no VmRSS")
	_, err = parseRSS([]byte("VmRSS:\tmany kB\n"))
	require.ErrorContains(t, err, "VmRSS")
}

func TestParseBusy(t *testing.T) {
	stat := []byte("cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 1 1 1000 1000 1 1 1 5 5\ncpu1 2 0 0 0 0 0 0 0 0 0\n")
	busy, err := parseBusy(stat, "cpu0")
	require.NoError(t, err)
	require.Equal(t, 60*time.Millisecond, busy)
	busy, err = parseBusy(stat, "cpu1")
	require.NoError(t, err)
	require.Equal(t, 20*time.Millisecond, busy)
	_, err = parseBusy(stat, "cpu2")
	require.ErrorContains(t, err, "no line cpu2")
}

func TestParseUser(t *testing.T) {
	user, err := parseUser([]byte("7 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 123 456 0\n"))
	require.NoError(t, err)
	require.Equal(t, 1230*time.Millisecond, user)
	_, err = parseUser([]byte("7 (a) S 1"))
	require.ErrorContains(t, err, "too short")
	_, err = ProcessUser(os.Getpid())
	require.NoError(t, err)
}

func TestRSSSeesAllocation(t *testing.T) {
	debug.FreeOSMemory() // or the block of an earlier run is resident still
	before, err := RSS()
	require.NoError(t, err)
	block := make([]byte, 64<<20)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	after, err := RSS()
	require.NoError(t, err)
	require.Greater(t, after-before, int64(32<<20))
	require.EqualValues(t, 1, block[0]) // keeps the block alive up to here
}

// Both ways of asking must see the same work.
func TestClocksAgree(t *testing.T) {
	self, err := Self()
	require.NoError(t, err)
	outside, err := Process(os.Getpid())
	require.NoError(t, err)
	for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {
	}
	self2, err := Self()
	require.NoError(t, err)
	outside2, err := Process(os.Getpid())
	require.NoError(t, err)
	require.InDelta(t, float64(self2.Total()-self.Total()), float64(outside2-outside), float64(20*time.Millisecond))
}
