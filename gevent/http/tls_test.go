package http

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// borrowedCertificate is the one that httptest has, and its client's configuration.
func borrowedCertificate(t *testing.T) (tls.Certificate, *tls.Config) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	roots.ServerName = "example.com"
	return s.TLS.Certificates[0], roots
}

func TestServerTLS(t *testing.T) {
	certificate, roots := borrowedCertificate(t)
	s := handling(func(w http.ResponseWriter, r *http.Request) {
		require.NotNil(t, r.TLS)
		require.True(t, r.TLS.HandshakeComplete)
		switch r.URL.Path {
		case "/watched":
			require.Error(t, waitDone(r.Context()))
		case "/large":
			w.Write(make([]byte, 100_000))
		default:
			io.WriteString(w, r.TLS.NegotiatedProtocol+" ")
			io.Copy(w, r.Body)
		}
	})
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}}
	inWorld(t, s, func(w *world) {
		l := spareListener(t)
		serving := gevent.Spawn(func() error { return w.ServeTLS(l, "", "") })
		roots := roots.Clone()
		roots.NextProtos = []string{"h2", "http/1.1"}
		dial := func() *worldClient {
			plain, err := gevent.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			return newWorldClient(t, ssl.Client(plain, roots))
		}
		c := dial()
		for range 3 {
			c.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc")
			c.expect("http/1.1 abc")
			c.send("GET /large HTTP/1.1\nHost: x\n\n")
			c.expect(strings.Repeat("\x00", 100_000))
		}
		c.send("GET /watched HTTP/1.1\nHost: x\n\n")
		for w.state.first.watcher.greenlet == nil {
			gevent.Yield()
		}
		require.NoError(t, c.Close())

		plain, err := gevent.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		c = newWorldClient(t, plain)
		c.send(staying)
		answer, _ := io.ReadAll(c)
		require.Contains(t, string(answer), "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.")
		require.NoError(t, c.Close())
		require.Contains(t, w.log.String(), "TLS handshake failed")

		c = dial()
		c.send(closing)
		c.expect("http/1.1 ")
		c.ended()
		require.NoError(t, w.Close())
		require.ErrorIs(t, serving.Get(), http.ErrServerClosed)
	})
}

func TestServerTLSWithoutCertificate(t *testing.T) {
	inWorld(t, handling(ignores), func(w *world) {
		require.Error(t, w.ServeTLS(spareListener(t), "", ""))
		require.Error(t, w.ServeTLS(spareListener(t), "none", "none"))
	})
}

func TestServerTLSHandshakeThatNeverComes(t *testing.T) {
	certificate, _ := borrowedCertificate(t)
	s := handling(ignores)
	s.ReadHeaderTimeout = soon
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	inWorld(t, s, func(w *world) {
		l := spareListener(t)
		serving := gevent.Spawn(func() error { return w.ServeTLS(l, "", "") })
		c, err := gevent.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		newWorldClient(t, c).ended()
		require.NoError(t, w.Close())
		require.ErrorIs(t, serving.Get(), http.ErrServerClosed)
	})
}
