package http

import (
	"context"
	"crypto/tls"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// This file is what a connection does between two phases of its life: limits that must not stay behind, or not be missing.

func TestServerHijackedConnectionIsNotWatched(t *testing.T) {
	var hijacked, over gevent.Event
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		defer over.Set()
		c, _, err := http.NewResponseController(w).Hijack()
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		r.Context().Done()
		for range 10 { // in which somebody might begin to read
			gevent.Yield()
		}
		hijacked.Set()
		b := make([]byte, 15)
		_, err = io.ReadFull(c, b)
		require.NoError(t, err)
		require.Equal(t, "for the handler", string(b))
	}), func(w *world) {
		c := w.dial()
		c.send(staying)
		require.NoError(t, hijacked.Wait())
		c.send("for the handler")
		require.NoError(t, over.Wait())
		require.NoError(t, c.Close())
	})
}

func TestServerWriteTimeoutIsNotThatOfTheRequestBefore(t *testing.T) {
	s := handling(ignores)
	s.WriteTimeout = soon
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(staying)
		c.expect("/")
		require.NoError(t, gevent.Sleep(2*soon)) // the limit on that answer has passed
		c.send("no request\n\n")
		status, _, _ := c.answer("GET")
		require.Equal(t, 400, status)
		c.ended()
	})
}

func TestServerReadTimeoutCoversTheHead(t *testing.T) {
	for _, sent := range []string{"", "GET / HT", staying + "GET / HT"} {
		s := handling(ignores)
		s.ReadTimeout, s.ReadHeaderTimeout, s.IdleTimeout = soon, -1, -1
		inWorld(t, s, func(w *world) {
			c := w.dial()
			c.send(sent)
			if strings.HasPrefix(sent, staying) {
				c.expect("/")
			}
			c.ended()
		})
	}
}

func TestServerMaxBodyBytesAtItsLargest(t *testing.T) {
	s := handling(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	s.MaxBodyBytes = math.MaxInt64
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(post + "Connection: close\nContent-Length: 3\n\nabc")
		c.expect("abc")
		c.ended()
	})
}

// A slowSource gives a byte at a time, each later than the one before.
type slowSource struct{ left int }

func (s *slowSource) Read(b []byte) (int, error) {
	if s.left--; s.left < 0 {
		return 0, io.EOF
	}
	b[0] = 'x'
	return 1, gevent.Sleep(soon)
}

func TestServerSlowSourceIsNoStalledPeer(t *testing.T) {
	s := handling(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "516")
		n, err := io.Copy(w, struct{ io.Reader }{io.MultiReader(strings.NewReader(strings.Repeat("y", 512)), &slowSource{4})})
		require.NoError(t, err)
		require.EqualValues(t, 516, n)
	})
	s.StallTimeout = 2 * soon
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(closing)
		c.expect(strings.Repeat("y", 512) + "xxxx")
		c.ended()
	})
}

func TestServerHandlersDeadlineIsOnTheWholeAnswer(t *testing.T) {
	inWorld(t, handling(func(w http.ResponseWriter, _ *http.Request) {
		require.NoError(t, http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)))
		io.WriteString(w, "too late")
	}), func(w *world) {
		c := w.dial()
		c.send(staying)
		c.ended()
	})
}

// A parkingConn lets others run while it closes.
type parkingConn struct{ net.Conn }

func (c parkingConn) Close() error {
	err := c.Conn.Close()
	for range 10 {
		gevent.Yield()
	}
	return err
}

type parkingListener struct{ net.Listener }

func (l parkingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return parkingConn{c}, err
}

func TestServerEndsAllConnectionsThoughClosingThemTakesTime(t *testing.T) {
	for name, end := range map[string]func(*Server) error{
		"shutdown": func(s *Server) error {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			return s.Shutdown(ctx)
		},
		"close": (*Server).Close,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, handling(ignores), func(w *world) {
				l := spareListener(t)
				serving := gevent.Spawn(func() error { return w.Serve(parkingListener{l}) })
				w.address = l.Addr().String()
				var clients []*worldClient
				for range 5 {
					c := w.dial()
					c.send(staying)
					c.expect("/")
					clients = append(clients, c)
				}
				require.NoError(t, end(w.Server))
				require.ErrorIs(t, serving.Get(), http.ErrServerClosed)
				require.Zero(t, w.state.active)
				for _, c := range clients {
					require.NoError(t, c.Close())
				}
			})
		})
	}
}

func TestServerRefusesListenersOfPackageNet(t *testing.T) {
	certificate, _ := borrowedCertificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := handling(ignores)
	require.NoError(t, gevent.Run(func() error {
		require.Panics(t, func() { s.Serve(l) })
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
		require.NoError(t, l.Close()) // so that Accept would return at once
		require.Panics(t, func() { s.ServeTLS(l, "", "") })
		return nil
	}))
}
