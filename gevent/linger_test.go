//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Close that waits for the peer does so elsewhere: the hub goes on, and what was written arrives.
func TestLingeringCloseDoesNotBlock(t *testing.T) {
	run(t, func() error {
		ours, theirs := peer(t)
		require.NoError(t, ours.SetLinger(3600))
		writer := Spawn(func() error { return valueless(ours.Write(make([]byte, 32<<20))) })
		parked(t, writer)
		closed, late := make(chan struct{}), errors.New("the hub was blocked until the peer read")
		reader := Spawn(func() error {
			return valueless(await(func() (int64, error) {
				var err error
				select {
				case <-closed:
				case <-time.After(patience): // and end what it waits for
					err = late
				}
				n, failed := io.Copy(io.Discard, theirs)
				return n, errors.Join(err, failed)
			}))
		})
		parked(t, reader)
		closeAll(t, ours)
		close(closed)
		require.NoError(t, reader.Get())
		require.Error(t, writer.Get())
		return theirs.Close()
	})
}

// What is set later counts.
func TestLingerTakenBack(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		require.NoError(t, a.SetLinger(1))
		require.True(t, a.fd.lingers.Load())
		require.NoError(t, a.SetLinger(0))
		require.False(t, a.fd.lingers.Load())
		closeAll(t, a, b)
		return nil
	})
}
