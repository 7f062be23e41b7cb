//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package multiprocessing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A side that says nothing is given up, on both sides.
func TestHandshakeTimeout(t *testing.T) {
	before := handshakeTimeout
	handshakeTimeout = 5 * time.Millisecond
	defer func() { handshakeTimeout = before }()
	inHub(t, func() {
		l, err := Listen("", []byte("key"))
		require.NoError(t, err)
		silent, err := Dial(l.Address(), nil)
		require.NoError(t, err)
		_, err = l.Accept()
		require.ErrorIs(t, err, ErrAuthentication)
		require.ErrorContains(t, err, "no answer for 5ms")
		require.NoError(t, silent.Close())
		require.NoError(t, l.Close())

		mute, err := gevent.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		_, err = Dial(mute.Addr().String(), []byte("key"))
		require.ErrorIs(t, err, ErrAuthentication)
		require.NotErrorIs(t, err, gevent.ErrTimeout)
		require.ErrorIs(t, gevent.WithTimeout(time.Microsecond, func() error {
			_, err := Dial(mute.Addr().String(), []byte("key"))
			return err
		}), gevent.ErrTimeout)
		require.NoError(t, mute.Close())

		handshakeTimeout = before                // there is a handshake this time
		polite, err := Listen("", []byte("key")) // it has the key, but is no manager
		require.NoError(t, err)
		c, err := Dial(polite.Address(), []byte("key"))
		require.NoError(t, err)
		handshakeTimeout = 5 * time.Millisecond
		_, err = hello(c)
		err = unreachable(err)
		require.ErrorIs(t, err, ErrNoManager)
		require.NotErrorIs(t, err, gevent.ErrTimeout)
		require.NoError(t, c.Close())
		require.NoError(t, polite.Close())
	})
}

// Handshakes of which nothing comes make room for new ones.
func TestHandshakeFlood(t *testing.T) {
	inHub(t, func() {
		l, err := Listen("", []byte("key"))
		require.NoError(t, err)
		var silent []*Connection
		for range maxShaking + 20 {
			c, err := Dial(l.Address(), nil)
			require.NoError(t, err)
			silent = append(silent, c)
			gevent.Yield()
		}
		dialing := gevent.Go(func() (*Connection, error) { return Dial(l.Address(), []byte("key")) })
		c, err := l.Accept()
		require.NoError(t, err)
		require.LessOrEqual(t, len(l.shaking), maxShaking)
		d, err := dialing.Get()
		require.NoError(t, err)
		for _, c := range append(silent, c, d) {
			require.NoError(t, c.Close())
		}
		require.NoError(t, l.Close())
	})
}
