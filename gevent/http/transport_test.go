//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"greenloop/gevent"
)

// trPatience is how long a test waits for what must come. It is reached by failing tests only.
const trPatience = 30 * time.Second

// trRun runs main in a hub and checks that it leaves no greenlet and no timer.
func trRun(t *testing.T, main func()) {
	t.Helper()
	require.NoError(t, gevent.Run(func() error {
		err := gevent.WithTimeout(trPatience, func() error {
			main()
			return gevent.Canceled()
		})
		if err != nil {
			return err
		}
		require.NoError(t, gevent.Sleep(1))
		s := gevent.GetHub().Stats()
		require.Equal(t, 1, s.Live, "greenlets left: %v", gevent.GetHub().Dump())
		require.Zero(t, s.Timers, "timers left")
		return nil
	}))
}

func trFds() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// trAlone checks, at the end of the test, that no goroutine and no descriptor is left.
func trAlone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // Go's own poller keeps a few from its first use on
	require.NoError(t, err)
	l.Close()
	before := trFds()
	t.Cleanup(func() {
		goleak.VerifyNone(t)
		require.Eventually(t, func() bool {
			if trFds() <= before {
				return true
			}
			runtime.GC() // package net keeps the pipes through which it copies until they are collected
			return false
		}, trPatience, 10*time.Millisecond, "descriptors left")
	})
}

// A trSide is one of the two clients that do the same, and what it has seen.
type trSide struct {
	t      *testing.T
	client *http.Client
	url    string
	server *trServer
	log    []string
}

func (s *trSide) note(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf(format, args...))
}

func (s *trSide) request(method, path string, body io.Reader) *http.Request {
	ctx, cancel := context.WithTimeout(context.Background(), trPatience)
	s.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	require.NoError(s.t, err)
	return req
}

// do does the exchange and notes all of it.
func (s *trSide) do(req *http.Request) {
	resp, err := s.client.Do(req)
	if err != nil {
		s.note("error %s", trClass(err))
		return
	}
	body, err := io.ReadAll(resp.Body)
	s.note("%s %s", resp.Proto, resp.Status)
	s.note("length %d transfer %q", resp.ContentLength, resp.TransferEncoding)
	s.note("close %v unpacked %v", resp.Close, resp.Uncompressed)
	s.note("body %d %.80q %s", len(body), body, trClass(err))
	s.note("header %s trailer %s", trHeader(resp.Header), trHeader(resp.Trailer))
	s.note("closed %s", trClass(resp.Body.Close()))
}

func (s *trSide) count(c *trCase) {
	if !c.anyConns {
		s.note("connections %d", s.server.conns.Load())
	}
}

func (s *trSide) get(path string) { s.do(s.request("GET", path, nil)) }

func trHeader(h http.Header) string {
	var lines []string
	for name, values := range h {
		if name != "Date" {
			lines = append(lines, fmt.Sprintf("%s=%q", name, values))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

// trClass says of what kind an error is; its text counts where the kind is not enough.
func trClass(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return "none"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected EOF"
	case errors.Is(err, io.EOF):
		return "EOF"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	}
	if errors.Is(err, errTrPaper) {
		return "paper" // package net adds addresses
	}
	text := err.Error()
	if i := strings.LastIndex(text, `": `); i >= 0 && strings.Contains(text, "127.0.0.1:") {
		text = text[i+3:] // without method and address
	}
	for _, prefix := range []string{"net/http: ", "http: ", "HTTP/1.x transport connection broken: ", "connection broken: "} {
		text = strings.ReplaceAll(text, prefix, "")
	}
	return text
}

// A trCase is something to be done through our Transport and through net/http's.
type trCase struct {
	name   string
	serve  http.HandlerFunc
	script func(n int, c net.Conn, br *bufio.Reader) // instead of serve
	do     func(s *trSide)
	ours   func(*Transport)
	theirs func(*http.Transport)

	want     []string // what ours sees, where net/http's does not see the same each time; nil
	anyConns bool     // how many connections there are is not the same each time
	secure   bool     // over TLS
	plain    bool     // never so
}

func (c *trCase) start(t *testing.T) *trServer {
	switch {
	case c.script != nil:
		return trScript(t, c.script)
	case c.secure:
		return trServeTLS(t, c.serve)
	}
	return trServe(t, c.serve)
}

// theirLog is what net/http's Transport sees.
func (c *trCase) theirLog(t *testing.T) []string { return c.logOf(t, c.start(t)) }

// logOf is what it sees of that server.
func (c *trCase) logOf(t *testing.T, server *trServer) []string {
	transport := &http.Transport{ExpectContinueTimeout: time.Second, TLSClientConfig: server.trust()}
	if c.theirs != nil {
		c.theirs(transport)
	}
	side := &trSide{t: t, client: &http.Client{Transport: transport}, url: server.URL, server: server}
	c.do(side)
	transport.CloseIdleConnections()
	side.count(c)
	return side.log
}

// ourLog is what ours does.
func (c *trCase) ourLog(t *testing.T) []string {
	server := c.start(t)
	var log []string
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy, TLSClientConfig: server.trust()}
		if c.ours != nil {
			c.ours(transport)
		}
		side := &trSide{t: t, client: &http.Client{Transport: transport}, url: server.URL, server: server}
		c.do(side)
		transport.CloseIdleConnections()
		require.Empty(t, transport.pool.hosts, "connections counted")
		require.Zero(t, transport.pool.lru.Len())
		side.count(c)
		log = side.log
	})
	return log
}

func trNoProxy(*http.Request) (*trURL, error) { return nil, nil }

// TestTransportIsNetHTTPs does each exchange through both Transports: they see the same and use as many connections.
func TestTransportIsNetHTTPs(t *testing.T) {
	trAlone(t)
	for _, c := range slices.Concat(trRequestCases, trResponseCases, trRawCases, trClientCases, trRefusedCases) {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want == nil {
				want = c.theirLog(t)
			}
			require.Equal(t, want, c.ourLog(t))
		})
	}
}

// TestTransportIsNetHTTPsOverTLS does the same through TLS.
func TestTransportIsNetHTTPsOverTLS(t *testing.T) {
	trAlone(t)
	for _, c := range slices.Concat(trRequestCases, trResponseCases, trClientCases) {
		if c.script != nil || c.plain {
			continue
		}
		c.secure = true
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.theirLog(t), c.ourLog(t))
		})
	}
}
