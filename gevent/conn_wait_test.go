//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package gevent

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWaitReadTakesNothing(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		defer a.Close()
		got := Go(func() (string, error) {
			for range 2 { // what is there is there for each
				if err := a.WaitRead(); err != nil {
					return "", err
				}
			}
			buf := make([]byte, 9)
			n, err := a.Read(buf)
			return string(buf[:n]), err
		})
		parked(t, &got.Greenlet)
		put(t, b, "data")
		s, err := got.Get()
		require.NoError(t, err)
		require.Equal(t, "data", s)

		require.NoError(t, a.SetReadDeadline(time.Now().Add(time.Millisecond)))
		require.ErrorIs(t, a.WaitRead(), os.ErrDeadlineExceeded, "nothing is there any more")
		require.NoError(t, a.SetReadDeadline(time.Time{}))

		require.NoError(t, b.Close())
		require.NoError(t, a.WaitRead(), "the end is something to read")
		_, err = a.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		return nil
	})
}

func TestWaitOnAGoroutine(t *testing.T) {
	run(t, func() error {
		a, b := pair(t)
		_, err := await(func() (any, error) { return nil, a.WaitWrite() })
		require.NoError(t, err)
		read := Go(func() (any, error) { return await(func() (any, error) { return nil, a.WaitRead() }) })
		parked(t, &read.Greenlet)
		put(t, b, "x")
		_, err = read.Get()
		require.NoError(t, err)
		_, err = await(func() (any, error) { return nil, a.CloseRead() })
		require.NoError(t, err)
		require.NoError(t, a.Close())
		_, err = await(func() (any, error) { return nil, a.WaitRead() })
		require.ErrorIs(t, err, net.ErrClosed)
		require.NoError(t, b.Close())
		return nil
	})
}
