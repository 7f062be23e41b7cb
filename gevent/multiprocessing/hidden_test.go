//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

type hiddenArgs struct {
	Next *hiddenArgs
	lock *mp.Lock
}

type hiddenDeep struct {
	Inner []map[string]hiddenInner
}

type hiddenInner struct {
	more []struct{ File mp.File }
}

type hiddenNone struct {
	Lock  *mp.Lock
	Next  *hiddenNone
	mutex sync.Mutex
	again *hiddenPlain
}

type hiddenPlain struct{ again map[string]*hiddenPlain }

// A handle in a field that is not exported would be lost in silence.
func TestHiddenHandleIsRefused(t *testing.T) {
	_, _, _, _ = hiddenArgs{}.lock, hiddenInner{}.more, (&hiddenNone{}).again, hiddenPlain{}.again
	(&hiddenNone{}).mutex.Lock()
	lock := "mp: multiprocessing_test.hiddenArgs: field lock is not exported, so it does not travel"
	more := "mp: multiprocessing_test.hiddenInner: field more is not exported, so it does not travel"
	require.PanicsWithValue(t, lock, func() { mp.Define("hidden", func(hiddenArgs) error { return nil }) })
	require.PanicsWithValue(t, lock, func() { mp.Define("hidden", func(*hiddenArgs) error { return nil }) })
	require.PanicsWithValue(t, more, func() { mp.DefineFunc("hidden", func(int) (r hiddenDeep, err error) { return }) })
	require.PanicsWithValue(t, lock, func() { _, _ = mp.NewQueue[hiddenArgs](1) })
	run(t, func() error {
		require.PanicsWithValue(t, lock, func() { _, _, _ = mp.Pipe[hiddenArgs]() })
		require.PanicsWithValue(t, lock, func() { _, _, _ = mp.Duplex[int, hiddenArgs]() })
		r, s := pipe[*hiddenNone](t)
		closeAll(t, r, s)
		return nil
	})
}
