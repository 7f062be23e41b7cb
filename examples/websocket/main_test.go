//go:build unix

package main

import (
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit bounds a test; none is expected to come near it.
const limit = time.Minute

// serving runs body in a greenlet beside a server that pings so often.
func serving(t *testing.T, ping, patience time.Duration, body func(s *server, addr string) error) *server {
	t.Helper()
	s := newServer(ping, patience)
	require.NoError(t, gevent.Run(func() error {
		return gevent.WithTimeout(limit, func() error {
			l, err := gevent.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			serve := gevent.Spawn(func() error { return s.http.Serve(l) })
			err = body(s, l.Addr().String())
			err = errors.Join(err, s.stop(limit))
			if end := serve.Get(); !errors.Is(end, http.ErrServerClosed) {
				err = errors.Join(err, end)
			}
			return err
		})
	}))
	require.Empty(t, s.peers)
	return s
}

func openFiles(t *testing.T) int {
	files, err := os.ReadDir("/dev/fd")
	require.NoError(t, err)
	return len(files)
}
