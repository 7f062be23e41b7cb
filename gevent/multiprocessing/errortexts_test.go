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

type (
	unregisteredText struct{ Text string }
	pointingText     struct {
		Number *int
		Flag   *bool
		Other  *unregisteredText
	}
)

// What a value cannot be sent for says what to do.
func TestCannotSendText(t *testing.T) {
	run(t, func() error {
		r, s := pipe[any](t)
		require.EqualError(t, s.Send(unregisteredText{"x"}), "mp: cannot send a interface {}: gob: type not registered for "+
			"interface: multiprocessing_test.unregisteredText: call gob.Register with a value of that type in an init function")
		require.NoError(t, s.Send([]int{1}))
		require.Equal(t, []int{1}, got[any](t)(r.Recv()))
		q := got[*mp.Queue[*pointingText]](t)(mp.NewQueue[*pointingText](0))
		require.ErrorContains(t, q.Put(nil), "a nil pointer does not travel: send a struct with the pointer in a field")
		require.NoError(t, q.Put(&pointingText{Number: new(int), Flag: new(bool), Other: &unregisteredText{}}))
		require.Equal(t, &pointingText{Other: &unregisteredText{}}, got[*pointingText](t)(q.Get()))
		closeAll(t, r, s, q)
		return nil
	})
}

// The call that a manager is made by outside a hub is the one that is named.
func TestManagerOutsideAHubText(t *testing.T) {
	require.PanicsWithValue(t, "mp: StartManager outside a hub: call it inside gevent.Run", func() {
		_, _ = mp.StartManager(mp.ManagerConfig{})
	})
	require.PanicsWithValue(t, "mp: ServeManager outside a hub: call it inside gevent.Run", func() {
		_, _ = mp.ServeManager(mp.ManagerConfig{})
	})
}
