package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/bench/internal/control"
	"greenloop/bench/internal/hello"
)

// patience bounds every exchange of these tests.
const patience = 20 * time.Second

// TestServers starts every server there is here and looks at what it answers.
func TestServers(t *testing.T) {
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			running := startServer(t, s)
			t.Run("one by one", func(t *testing.T) { oneByOne(t, running) })
			t.Run("pipelined", func(t *testing.T) { pipelined(t, running) })
			t.Run("in pieces", func(t *testing.T) { inPieces(t, running) })
			t.Run("hung up", func(t *testing.T) { hungUp(t, running) })
			if slices.Contains([]string{"c", "greenlets", "goroutines"}, s.name) { // those that only find where heads end
				t.Run("long head", func(t *testing.T) { longHead(t, running) })
				t.Run("more than a socket takes", func(t *testing.T) { flooded(t, running) })
			}
		})
	}
}

// startServer builds and runs a server for the time of a test.
func startServer(t *testing.T, s server) *control.Client {
	t.Helper()
	command, err := s.build(t.TempDir(), s.name)
	if errors.Is(err, errMissing) {
		t.Skip(err)
	}
	require.NoError(t, err)
	p := program{s.name, command}
	running, err := p.start(-1)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, running.Stop()) })
	return running
}

// client is one connection to a server under test.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dialServer(t *testing.T, s *control.Client) *client {
	t.Helper()
	c, err := net.DialTimeout("tcp", s.Addr, patience)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return &client{c, bufio.NewReader(c)}
}

func (c *client) send(t *testing.T, text string) {
	t.Helper()
	_, err := io.WriteString(c, text)
	require.NoError(t, err)
}

func (c *client) expectAnswers(t *testing.T, n int) {
	t.Helper()
	for range n {
		res, err := http.ReadResponse(c.in, nil)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		if res.StatusCode != http.StatusOK || string(body) != hello.Body || res.Close || res.ContentLength < 0 ||
			!strings.HasPrefix(res.Header.Get("Content-Type"), hello.ContentType) {
			require.FailNow(t, "wrong answer", "%+v, body %q", res, body)
		}
	}
}

func oneByOne(t *testing.T, s *control.Client) {
	c := dialServer(t, s)
	for range 3 {
		c.send(t, hello.Request)
		c.expectAnswers(t, 1)
	}
}

// pipelined sends more requests than one write answers, and a part of another one.
func pipelined(t *testing.T, s *control.Client) {
	c := dialServer(t, s)
	c.send(t, strings.Repeat(hello.Request, 200)+hello.Request[:7])
	c.expectAnswers(t, 200)
	c.send(t, hello.Request[7:])
	c.expectAnswers(t, 1)
}

// inPieces sends every byte by itself, and then requests cut at every place.
func inPieces(t *testing.T, s *control.Client) {
	c := dialServer(t, s)
	for i := range hello.Request {
		c.send(t, hello.Request[i:i+1])
	}
	c.expectAnswers(t, 1)
	for cut := 1; cut < len(hello.Request); cut++ {
		// The answer to the first one says that the server has read as far as the cut, or soon will.
		c.send(t, hello.Request+hello.Request[:cut])
		c.expectAnswers(t, 1)
		c.send(t, hello.Request[cut:])
		c.expectAnswers(t, 1)
	}
}

// flooded reads no answer before the server has stopped to take requests, or has taken them all: with the buffers of both
// sockets full of answers, it has to wait in the middle of one.
func flooded(t *testing.T, s *control.Client) {
	const requests, stuck = 100_000, 50 * time.Millisecond
	c := dialServer(t, s)
	require.NoError(t, c.Conn.(*net.TCPConn).SetReadBuffer(128<<10))
	text := strings.Repeat(hello.Request, requests)
	require.NoError(t, c.SetWriteDeadline(time.Now().Add(stuck)))
	n, err := io.WriteString(c, text)
	if err != nil {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, c.SetWriteDeadline(time.Now().Add(patience)))
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, text[n:])
		sent <- err
	}()
	c.expectAnswers(t, requests)
	require.NoError(t, <-sent)
}

// hungUp closes a connection in the middle of a request: the server hangs up, too, and serves others.
func hungUp(t *testing.T, s *control.Client) {
	c := dialServer(t, s)
	c.send(t, hello.Request+hello.Request[:9])
	c.expectAnswers(t, 1)
	require.NoError(t, c.Conn.(*net.TCPConn).CloseWrite())
	_, err := io.Copy(io.Discard, c.in) // some answer 400 first
	if err != nil {
		require.ErrorContains(t, err, "reset")
	}
	oneByOne(t, s)
}

// longHead sends a head that does not fit the server's buffer, and is refused.
func longHead(t *testing.T, s *control.Client) {
	c := dialServer(t, s)
	c.send(t, strings.Repeat("x", 5000))
	_, err := c.in.ReadByte()
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	oneByOne(t, s)
}
