//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A connection that still sends the rest of a message, whose sender is gone, is not moved: it would be cut.
func TestMovedBehindARest(t *testing.T) {
	large := bytes.Repeat([]byte("x"), 4<<20)
	inHub(t, func() {
		a, b, err := NewConnections()
		require.NoError(t, err)
		r, s, err := Pipe[*Connection]()
		require.NoError(t, err)
		sender := gevent.Spawn(func() error { return a.SendBytes(large) })
		gevent.Yield()
		require.True(t, a.out.begun)
		require.NoError(t, sender.Kill())
		for a.out.rest != nil { // the greenlet that sends it has not begun
			require.ErrorIs(t, s.Send(a), ErrLocked)
			gevent.Yield()
		}
		require.False(t, a.out.finisher.Ready())
		require.ErrorIs(t, s.Send(a), ErrLocked)

		got, err := b.RecvBytes()
		require.NoError(t, err)
		require.Equal(t, large, got)
		require.NoError(t, a.out.finisher.Join())
		require.NoError(t, s.Send(a))
		moved, err := r.Recv()
		require.NoError(t, err)
		require.NoError(t, moved.SendBytes([]byte("next")))
		got, err = b.RecvBytes()
		require.NoError(t, err)
		require.Equal(t, "next", string(got))
		for _, c := range []io.Closer{moved, b, r, s} {
			require.NoError(t, c.Close())
		}
	})
}
