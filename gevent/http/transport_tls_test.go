//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTransportVerifiesWhoTheServerIs(t *testing.T) {
	trAlone(t)
	server := trServeTLS(t, trEcho)
	trRun(t, func() {
		client := &http.Client{Transport: &Transport{Proxy: trNoProxy}}
		_, err := client.Get(server.URL)
		var unknown x509.UnknownAuthorityError
		require.ErrorAs(t, err, &unknown)
		config := server.trust()
		config.ServerName = "elsewhere.test"
		client.Transport = &Transport{Proxy: trNoProxy, TLSClientConfig: config}
		_, err = client.Get(server.URL)
		var name x509.HostnameError
		require.ErrorAs(t, err, &name)
	})
}

func TestTransportTellsOfTLS(t *testing.T) {
	trAlone(t)
	server := trUnstarted(t, trEcho)
	server.TLS = &tls.Config{NextProtos: []string{"h2", "http/1.1"}}
	server.StartTLS()
	trRun(t, func() {
		config := server.trust()
		config.NextProtos = []string{"h2"} // is not spoken, so it is not offered
		transport := &Transport{Proxy: trNoProxy, TLSClientConfig: config}
		defer transport.CloseIdleConnections()
		var states []tls.ConnectionState
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
			TLSHandshakeDone: func(state tls.ConnectionState, err error) {
				require.NoError(t, err)
				states = append(states, state)
			},
		})
		for range 2 {
			req, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
			require.NoError(t, err)
			resp, err := transport.RoundTrip(req)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			require.True(t, resp.TLS.HandshakeComplete)
			require.Equal(t, server.Certificate().Raw, resp.TLS.PeerCertificates[0].Raw)
		}
		require.Len(t, states, 1)
		require.Equal(t, "http/1.1", states[0].NegotiatedProtocol)
		require.Equal(t, []string{"h2"}, config.NextProtos, "the user's own is not changed")
	})
}

func TestTransportLimitsTheHandshake(t *testing.T) {
	trAlone(t)
	server := trScript(t, func(_ int, _ net.Conn, br *bufio.Reader) { io.Copy(io.Discard, br) })
	trRun(t, func() {
		client := &http.Client{Transport: &Transport{Proxy: trNoProxy, TLSHandshakeTimeout: 20 * time.Millisecond}}
		_, err := client.Get("https" + server.URL[len("http"):])
		require.ErrorContains(t, err, "TLS handshake")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, "timeout", trClass(err))
	})
}
