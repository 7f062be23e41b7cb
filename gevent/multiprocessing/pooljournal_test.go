//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// journalWith has a record of the first two of three calls of a chunk that is not finished; the third was begun.
func journalWith(t *testing.T) *journal {
	t.Helper()
	f, j, err := newJournal()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	t.Cleanup(j.close)
	j.offer(1, 7, 3)
	for i := range 3 {
		index, ok := j.begin(1, 7)
		require.True(t, ok)
		require.Equal(t, i, index)
		if i == 0 {
			require.True(t, j.start(1, 7, 0, 8))
		}
		binary.BigEndian.AppendUint64(j.room(), uint64(10+i))
		if i < 2 {
			j.extend(8)
		}
	}
	return j
}

func requireJournal(t *testing.T, j *journal, results ...uint64) {
	t.Helper()
	r, rest, ok := parseRecord(j.records())
	require.True(t, ok)
	require.Empty(t, rest)
	require.Equal(t, uint32(7), r.number)
	require.Len(t, r.body, 8*len(results))
	for i, v := range results {
		require.Equal(t, v, binary.BigEndian.Uint64(r.body[8*i:]))
	}
}

// Whatever step of its bookkeeping a worker dies after, all results are there but that of the call it was in.
func TestJournalAtEachStep(t *testing.T) {
	j := journalWith(t)
	requireJournal(t, j, 10, 11)
	j.extend(8)
	requireJournal(t, j, 10, 11) // the third is over when the next one is begun, or the record finished
	_, ok := j.begin(1, 7)
	require.False(t, ok)
	j.setUsed(j.used)
	requireJournal(t, j, 10, 11, 12)
	finishRecord(j.memory[journalHead+j.opened-1 : journalHead+j.used])
	requireJournal(t, j, 10, 11, 12)
	j.open().Store(0)
	requireJournal(t, j, 10, 11, 12)
	j.finish()
	requireJournal(t, j, 10, 11, 12)
}

// A look at a worker that lives finds the same, unless something changes at that moment.
func TestJournalPeek(t *testing.T) {
	j := journalWith(t)
	b, ok := j.peek(nil)
	require.True(t, ok)
	require.Equal(t, j.records(), b)
	j.offer(1, 8, 3) // the slot has another chunk: the record was of one that is over
	require.Len(t, j.records(), recordHead)
	j.epoch().Add(1)
	_, ok = j.peek(b)
	require.False(t, ok)
}
