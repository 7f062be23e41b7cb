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
