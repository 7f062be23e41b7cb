//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

// queueCalls are those of queues that park, at queues that are full, empty, or not done.
func queueCalls(t *testing.T) (calls map[string]func() error, queues []io.Closer) {
	full, empty := queueOf[int](t, 1), queueOf[int](t, 1)
	fullJoinable, emptyJoinable := joinableOf[int](t, 1), joinableOf[int](t, 1)
	simple, err := mp.NewSimpleQueue[int]()
	require.NoError(t, err)
	require.NoError(t, full.Put(1))
	require.NoError(t, fullJoinable.Put(1))
	return map[string]func() error{
		"Queue.Put":                 func() error { return full.Put(2) },
		"Queue.PutTimeout":          func() error { return full.PutTimeout(2, time.Hour) },
		"Queue.Get":                 func() error { return val(empty.Get()) },
		"Queue.GetTimeout":          func() error { return val(empty.GetTimeout(time.Hour)) },
		"Queue.GetMany":             func() error { return val(empty.GetMany(2)) },
		"SimpleQueue.Get":           func() error { return val(simple.Get()) },
		"SimpleQueue.GetTimeout":    func() error { return val(simple.GetTimeout(time.Hour)) },
		"SimpleQueue.GetMany":       func() error { return val(simple.GetMany(2)) },
		"JoinableQueue.Put":         func() error { return fullJoinable.Put(2) },
		"JoinableQueue.PutTimeout":  func() error { return fullJoinable.PutTimeout(2, time.Hour) },
		"JoinableQueue.Get":         func() error { return val(emptyJoinable.Get()) },
		"JoinableQueue.GetTimeout":  func() error { return val(emptyJoinable.GetTimeout(time.Hour)) },
		"JoinableQueue.GetMany":     func() error { return val(emptyJoinable.GetMany(2)) },
		"JoinableQueue.Join":        func() error { return fullJoinable.Join() },
		"JoinableQueue.JoinTimeout": func() error { return fullJoinable.JoinTimeout(time.Hour) },
	}, []io.Closer{full, empty, fullJoinable, emptyJoinable, simple}
}

// What was interrupted has put nothing and taken nothing.
func TestQueuesAfterInterrupts(t *testing.T) {
	run(t, func() error {
		calls, queues := queueCalls(t)
		interruptAll(t, calls)
		full, empty := queues[0].(*mp.Queue[int]), queues[1].(*mp.Queue[int])
		require.Equal(t, []int{1}, got[[]int](t)(full.GetMany(9)))
		require.NoError(t, full.TryPut(5))
		require.Equal(t, 5, got[int](t)(full.TryGet()))
		require.NoError(t, empty.TryPut(6))
		require.Equal(t, 6, got[int](t)(empty.TryGet()))
		closeAll(t, queues...)
		return nil
	})
}
