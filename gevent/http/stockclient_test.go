//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// TestServerIsNetHTTPsForItsClient has net/http's client do the same with our Server as with net/http's: it sees the same,
// and as many connections.
func TestServerIsNetHTTPsForItsClient(t *testing.T) {
	trAlone(t)
	done := 0
	for _, c := range slices.Concat(trRequestCases, trResponseCases, trClientCases) {
		if c.script != nil || c.want != nil {
			continue
		}
		if c.name == "gzip" { // 2,087 bytes: ours tells the length of up to 4 KiB by itself, net/http's of up to 2
			continue
		}
		done++
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.theirLog(t), c.logOf(t, stockServe(t, c.serve)))
		})
	}
	require.Greater(t, done, 40)
}

// stockServe serves with our Server, in a hub on a goroutine of its own, until the test ends.
func stockServe(t *testing.T, h http.Handler) *trServer {
	s := &trServer{Server: new(httptest.Server)}
	server := &Server{
		Handler:  h,
		ErrorLog: slog.New(slog.DiscardHandler),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			s.conns.Add(1)
			return ctx
		},
	}
	listening, stop, ended := make(chan string), make(chan bool), make(chan error)
	go func() {
		ended <- gevent.Run(func() error {
			l, err := gevent.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			listening <- l.Addr().String() // somebody waits for it
			serving := gevent.Spawn(func() error { return server.Serve(l) })
			if _, _, err := gevent.Recv(stop); err != nil {
				return err
			}
			return errors.Join(server.Close(), serving.Join())
		})
	}()
	select {
	case address := <-listening:
		s.URL = "http://" + address
	case err := <-ended:
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		close(stop)
		require.NoError(t, <-ended)
	})
	return s
}
