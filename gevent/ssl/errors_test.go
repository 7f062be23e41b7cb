//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package ssl_test

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
	"greenloop/gevent/ssl"
)

// outcome makes the handshake of both sides and returns how each saw it end.
func outcome(t *testing.T, cc, sc *tls.Config) (client, server error) {
	a, b := pairOf(t, cc, sc)
	g := gevent.Spawn(func() error {
		err := b.Handshake()
		if err != nil {
			b.Close() // in the same step: the alert must have been sent
		}
		return err
	})
	client = a.Handshake()
	if client == nil {
		// Under TLS 1.3 a client learns of a refusal by its first read.
		_ = a.SetReadDeadline(time.Now().Add(patience))
		if server = g.GetTimeout(patience); server != nil {
			_, client = a.Read(make([]byte, 1))
		}
	} else {
		require.NoError(t, a.NetConn().(*gevent.TCPConn).CloseWrite()) // not yet Close, which may overtake the alert
		server = g.GetTimeout(patience)
	}
	a.Close()
	b.Close()
	return client, server
}

// onGoroutinesOutcome is outcome of crypto/tls on goroutines.
func onGoroutinesOutcome(t *testing.T, cc, sc *tls.Config) (client, server error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ended := make(chan error, 1)
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() {
		c, err := l.Accept()
		if err != nil {
			ended <- err
			return
		}
		defer c.Close()
		ended <- tls.Server(c, sc).Handshake()
	})
	x, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer x.Close()
	c := tls.Client(x, cc)
	if client = c.Handshake(); client == nil {
		if server = <-ended; server != nil {
			_, client = c.Read(make([]byte, 1))
		}
		return client, server
	}
	require.NoError(t, x.(*net.TCPConn).CloseWrite())
	return client, <-ended
}

// What is wrong with a handshake is reported as crypto/tls does, on both sides.
func TestErrorsAreThoseOfCryptoTLS(t *testing.T) {
	a := sharedCast(t).authority
	earlier, later := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	good := a.issue(t, later, "server.test")
	failing := func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errThrown }
	const v12 = tls.VersionTLS12
	cases := map[string]func(cc, sc *tls.Config){
		"all is well":          func(_, _ *tls.Config) {},
		"unknown authority":    func(cc, _ *tls.Config) { cc.RootCAs = newAuthority(t).pool },
		"wrong name":           func(cc, _ *tls.Config) { cc.ServerName = "other.test" },
		"expired":              func(_, sc *tls.Config) { sc.Certificates[0] = a.issue(t, earlier, "server.test") },
		"no name":              func(cc, _ *tls.Config) { cc.ServerName = "" },
		"no certificate":       func(_, sc *tls.Config) { sc.Certificates = nil },
		"no common version":    func(cc, sc *tls.Config) { cc.MaxVersion, sc.MinVersion = v12, tls.VersionTLS13 },
		"no common protocol":   func(cc, sc *tls.Config) { cc.NextProtos, sc.NextProtos = []string{"a"}, []string{"b"} },
		"client unknown":       func(_, sc *tls.Config) { sc.ClientAuth = tls.RequireAnyClientCert },
		"client unknown (1.2)": func(cc, sc *tls.Config) { sc.ClientAuth, cc.MaxVersion = tls.RequireAnyClientCert, v12 },
		"callback fails":       func(_, sc *tls.Config) { sc.GetConfigForClient = failing },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			configs := func() (cc, sc *tls.Config) {
				cc, sc = &tls.Config{RootCAs: a.pool, ServerName: "server.test"}, &tls.Config{Certificates: []tls.Certificate{good}}
				change(cc, sc)
				return cc, sc
			}
			var client, server error
			run(t, func() error {
				cc, sc := configs()
				client, server = outcome(t, cc, sc)
				return nil
			})
			cc, sc := configs()
			wantClient, wantServer := onGoroutinesOutcome(t, cc, sc)
			same(t, wantClient, client)
			same(t, wantServer, server)
			require.Equal(t, name == "all is well", client == nil && server == nil)
		})
	}
}

// same compares errors by their types and texts.
func same(t *testing.T, want, got error) {
	t.Helper()
	if want == nil {
		require.NoError(t, got)
		return
	}
	require.EqualError(t, got, want.Error())
	require.IsType(t, want, got)
}

func TestNotTLSAtAll(t *testing.T) {
	run(t, func() error {
		a, b := sockets(t)
		_, sc := configs(t)
		c := ssl.Server(b, sc)
		_, err := io.WriteString(a, "GET / HTTP/1.1\r\n\r\n")
		require.NoError(t, err)
		var refused tls.RecordHeaderError
		require.ErrorAs(t, c.Handshake(), &refused)
		require.Equal(t, "tls: first record does not look like a TLS handshake", refused.Error())
		require.Same(t, b, refused.Conn, "for an answer in plain text, as net/http gives")
		closeAll(t, a, c)
		return nil
	})
}
