//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	mp "greenloop/gevent/multiprocessing"
)

// What is closed is not always a connection: the text says nothing of one.
func TestErrClosedText(t *testing.T) {
	require.EqualError(t, mp.ErrClosed, "mp: closed already")
	require.ErrorIs(t, mp.ErrClosed, net.ErrClosed)
}

// What cannot return an error names what it should have been.
func TestUseOfClosedText(t *testing.T) {
	run(t, func() error {
		q := got[*mp.JoinableQueue[int]](t)(mp.NewJoinableQueue[int](0))
		closeAll(t, q)
		text := "mp: use of a JoinableQueue that was closed, or that NewJoinableQueue did not make"
		require.PanicsWithValue(t, text, func() { q.Len() })
		text = "mp: use of a Queue that was closed, or that NewQueue did not make"
		require.PanicsWithValue(t, text, func() { new(mp.Queue[int]).Len() })
		text = "mp: use of a Barrier that was closed, or that NewBarrier did not make"
		require.PanicsWithValue(t, text, func() { new(mp.Barrier).Parties() })
		return nil
	})
}
