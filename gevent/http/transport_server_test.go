//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A trServer is a server of package net/http on goroutines, which counts its connections.
type trServer struct {
	*httptest.Server
	conns atomic.Int64
}

func trServe(t *testing.T, h http.HandlerFunc) *trServer {
	s := trUnstarted(t, h)
	s.Start()
	return s
}

func trServeTLS(t *testing.T, h http.HandlerFunc) *trServer {
	s := trUnstarted(t, h)
	s.StartTLS()
	return s
}

func trUnstarted(t *testing.T, h http.HandlerFunc) *trServer {
	s := &trServer{Server: httptest.NewUnstartedServer(h)}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.conns.Add(1)
		}
	}
	s.Config.ErrorLog = trSilent
	t.Cleanup(s.Close)
	return s
}

// trScript is a server that does what script says on each connection, the number of which it is told, and then closes it.
func trScript(t *testing.T, script func(n int, c net.Conn, br *bufio.Reader)) *trServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &trServer{Server: &httptest.Server{URL: "http://" + l.Addr().String()}}
	ended, live := make(chan struct{}), make(chan net.Conn, 100)
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			live <- c
			n := int(s.conns.Add(1))
			go func() {
				defer c.Close()
				script(n, c, bufio.NewReader(c))
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
		close(live)
		for c := range live {
			c.Close()
		}
	})
	return s
}

// trTake reads one request with its body and returns it.
func trTake(br *bufio.Reader) (*http.Request, error) {
	r, err := http.ReadRequest(br)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	return r, err
}

// trReply is a script that answers each request on each connection with the same bytes.
func trReply(reply string) func(int, net.Conn, *bufio.Reader) {
	return func(_ int, c net.Conn, br *bufio.Reader) {
		for {
			if _, err := trTake(br); err != nil {
				return
			}
			if _, err := io.WriteString(c, reply); err != nil {
				return
			}
		}
	}
}

// trust is a configuration that believes s.
func (s *trServer) trust() *tls.Config {
	if s.Certificate() == nil {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{RootCAs: roots}
}
