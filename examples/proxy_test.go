//go:build unix

package examples

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// proxyTarget is a listener of package net to which a proxy leads.
func proxyTarget(t *testing.T) *net.TCPListener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	require.NoError(t, l.(*net.TCPListener).SetDeadline(time.Now().Add(limit)))
	return l.(*net.TCPListener)
}

// proxied returns both ends of a connection through the proxy.
func proxied(t *testing.T, s *server, l *net.TCPListener) (client, target *net.TCPConn) {
	client = s.dial()
	target, err := l.AcceptTCP()
	require.NoError(t, err)
	t.Cleanup(func() { target.Close() })
	require.NoError(t, target.SetDeadline(time.Now().Add(limit)))
	return client, target
}

// The end of one direction is not that of the other: whoever has said all can still listen.
func TestProxyKeepsHalfClosed(t *testing.T) {
	l := proxyTarget(t)
	s := start(t, build(t, "proxy"), "-addr", "127.0.0.1:0", "-to", l.Addr().String())
	client, target := proxied(t, s, l)
	_, err := io.WriteString(client, "question")
	require.NoError(t, err)
	require.NoError(t, client.CloseWrite())
	got, err := io.ReadAll(target)
	require.NoError(t, err)
	require.Equal(t, "question", string(got))
	long := strings.Repeat("answer ", 1_000_000)
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(target, long)
		sent <- err
		target.Close()
	}()
	got, err = io.ReadAll(client)
	require.NoError(t, err)
	require.NoError(t, <-sent)
	require.True(t, long == string(got))

	client, other := proxied(t, s, l) // the other way round
	require.NoError(t, other.CloseWrite())
	_, err = client.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	_, err = io.WriteString(client, "late")
	require.NoError(t, err)
	require.NoError(t, client.Close())
	got, err = io.ReadAll(other)
	require.NoError(t, err)
	require.Equal(t, "late", string(got))

	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Equal(t, fmt.Sprintf("2 connections, %d bytes there, %d bytes back\n", len("questionlate"), len(long)), rest)
	require.Empty(t, s.errs.String())
}

// A reset on one side is one on the other, in both directions, and not the end of a stream that is whole.
func TestProxyPassesResetsOn(t *testing.T) {
	l := proxyTarget(t)
	s := start(t, build(t, "proxy"), "-addr", "127.0.0.1:0", "-to", l.Addr().String())
	for _, clientBreaks := range []bool{true, false} {
		a, b := proxied(t, s, l)
		if !clientBreaks {
			a, b = b, a
		}
		_, err := io.WriteString(a, "half of")
		require.NoError(t, err)
		_, err = io.ReadFull(b, make([]byte, len("half of")))
		require.NoError(t, err)
		require.NoError(t, a.SetLinger(0))
		require.NoError(t, a.Close())
		_, err = b.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
	rest, err := s.stop(os.Interrupt)
	require.NoError(t, err, s.errs.String())
	require.Contains(t, rest, "2 connections")
	require.Equal(t, 2, strings.Count(s.errs.String(), "connection reset by peer"))
}

// Nobody listens there: the client is told by a reset, and the next one is served as well.
func TestProxyWithoutATarget(t *testing.T) {
	l := proxyTarget(t)
	require.NoError(t, l.Close())
	s := start(t, build(t, "proxy"), "-addr", "127.0.0.1:0", "-to", l.Addr().String())
	for range 2 {
		c, err := net.Dial("tcp", s.addr)
		if err == nil { // else the reset was as quick as that
			require.NoError(t, c.SetDeadline(time.Now().Add(limit)))
			_, err = c.Read(make([]byte, 1))
			c.Close()
		}
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
	_, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(s.errs.String(), "connection refused"))
}

// Those who have not finished when the time is up are cut off, and see that it is not the end.
func TestProxyGraceIsBounded(t *testing.T) {
	l := proxyTarget(t)
	s := start(t, build(t, "proxy"), "-addr", "127.0.0.1:0", "-to", l.Addr().String(), "-grace", "10ms")
	client, target := proxied(t, s, l)
	_, err := io.WriteString(client, "x")
	require.NoError(t, err)
	_, err = io.ReadFull(target, make([]byte, 1))
	require.NoError(t, err)
	rest, err := s.stop(syscall.SIGTERM)
	require.NoError(t, err, s.errs.String())
	require.Contains(t, rest, "1 connections")
	for _, c := range []*net.TCPConn{client, target} {
		_, err := c.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	}
}
