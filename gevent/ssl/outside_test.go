//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/net/nettest"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// readFromOutside reads all there is with crypto/tls, on the calling goroutine.
func readFromOutside(address string, cfg *tls.Config) (string, error) {
	c, err := tls.Dial("tcp", address, cfg)
	if err != nil {
		return "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	b, err := io.ReadAll(c)
	if err != nil {
		return err.Error(), err
	}
	return string(b), nil
}

// beside runs work on the calling goroutine beside a hub on another one, and checks that nothing is left.
func beside(t *testing.T, work func(h *gevent.Hub)) {
	t.Helper()
	before := openFds()
	hubs := make(chan *gevent.Hub)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- gevent.Run(func() error {
			hubs <- gevent.GetHub()
			_, _, err := gevent.Recv(stop)
			return err
		})
	}()
	work(<-hubs)
	close(stop)
	require.NoError(t, <-ended)
	goleak.VerifyNone(t)
	require.Equal(t, before, openFds())
}

// on runs fn on the hub and waits for it.
func on(h *gevent.Hub, fn func()) {
	done := make(chan struct{})
	h.Post(func() { defer close(done); fn() })
	<-done
}

// TestConn of package nettest, as it is, on goroutines.
func TestConnOnGoroutines(t *testing.T) {
	beside(t, func(h *gevent.Hub) {
		nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
			on(h, func() { c1, c2 = shaken(t) })
			return c1, c2, func() { c1.Close(); c2.Close() }, nil
		})
	})
}

// A server and a client of the standard library's, on goroutines, over listener and connections of the hub.
func TestHTTPOverIt(t *testing.T) {
	beside(t, func(h *gevent.Hub) {
		cc, sc := configs(t)
		sc = sc.Clone()
		sc.NextProtos = []string{"http/1.1"}
		var l net.Listener
		on(h, func() {
			var err error
			l, err = ssl.Listen("tcp", "127.0.0.1:0", sc)
			require.NoError(t, err)
		})
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "over "+r.Proto)
		})}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		transport := &http.Transport{TLSClientConfig: cc}
		response, err := (&http.Client{Transport: transport, Timeout: patience}).Get("https://" + l.Addr().String() + "/")
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, "over HTTP/1.1", string(body))
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
}

// Everything at once from both worlds: for the race detector.
func TestBothWorldsAtOnce(t *testing.T) {
	beside(t, func(h *gevent.Hub) {
		for range 20 {
			var a, b *ssl.Conn
			on(h, func() { a, b = pair(t) })
			done := make(chan struct{}, 16)
			ops := []func(){
				func() { _, _ = a.Read(make([]byte, 9)) }, func() { _, _ = b.Read(make([]byte, 9)) },
				func() { _, _ = a.Write(make([]byte, 9)) }, func() { _, _ = b.Write(make([]byte, 9)) },
				func() { _ = a.SetDeadline(time.Now().Add(time.Hour)) }, func() { a.ConnectionState() },
				func() { _ = a.VerifyHostname("x"); _ = a.CloseWrite(); a.RemoteAddr() },
				func() { _ = a.HandshakeContext(t.Context()); _ = a.WaitRead(); _ = a.Close() },
			}
			for _, op := range ops {
				go func() { op(); done <- struct{}{} }()
				h.Post(func() { defer func() { done <- struct{}{} }(); op() })
			}
			for range 2 * len(ops) {
				select {
				case <-done:
				case <-time.After(patience):
					t.Fatal("somebody waits for ever")
				}
				_ = a.SetDeadline(time.Now().Add(time.Millisecond)) // those that wait for one another's data
				_ = b.SetDeadline(time.Now().Add(time.Millisecond))
			}
			_ = b.Close()
		}
	})
}

func TestConstructorsNeedAHub(t *testing.T) {
	c, d := net.Pipe()
	defer c.Close()
	defer d.Close()
	for _, call := range []func(){
		func() { ssl.Client(c, nil) }, func() { ssl.Server(c, nil) }, func() { ssl.NewListener(nil, nil) },
		func() { _, _ = ssl.Dial("tcp", "127.0.0.1:1", nil) }, func() { _, _ = ssl.Listen("tcp", "127.0.0.1:0", nil) },
		func() { _, _ = ssl.DialContext(t.Context(), "tcp", "127.0.0.1:1", nil) },
	} {
		require.Panics(t, call)
	}
}
