//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A trDying is a connection that the server closes as soon as it sees the second request, of which nobody has heard yet.
type trDying struct {
	net.Conn
	writes int
}

func (c *trDying) Write(b []byte) (int, error) {
	c.writes++
	return c.Conn.Write(b)
}

func (c *trDying) Read(b []byte) (int, error) {
	if c.writes > 1 {
		return 0, io.EOF
	}
	return c.Conn.Read(b)
}

// A trOnceOnly is a body that cannot be read once it is closed.
type trOnceOnly struct {
	io.Reader
	closed bool
}

var errTrOnceOnly = errors.New("read after it was closed")

func (b *trOnceOnly) Read(p []byte) (int, error) {
	if b.closed {
		return 0, errTrOnceOnly
	}
	return b.Reader.Read(p)
}

func (b *trOnceOnly) Close() error { b.closed = true; return nil }

func TestTransportSendsANewBodyAgain(t *testing.T) {
	trAlone(t)
	s := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
		for {
			req, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			body, err := io.ReadAll(req.Body)
			if err != nil {
				return
			}
			resp := &http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
				Body: io.NopCloser(bytes.NewReader(body))}
			if resp.Write(c) != nil {
				return
			}
		}
	})
	trRun(t, func() {
		dials := 0
		tr := &Transport{Proxy: trNoProxy, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := gevent.Dial(network, addr)
			if dials++; err != nil || dials > 1 {
				return c, err
			}
			return &trDying{Conn: c}, nil
		}}
		defer tr.CloseIdleConnections()
		for range 2 {
			text := bytes.Repeat([]byte("x"), 10_000)
			fresh := func() (io.ReadCloser, error) { return &trOnceOnly{Reader: bytes.NewReader(text)}, nil }
			req, err := http.NewRequest("OPTIONS", s.URL, nil)
			require.NoError(t, err)
			req.Body, _ = fresh()
			req.GetBody, req.ContentLength = fresh, int64(len(text))
			if dials == 0 {
				req.Body, req.GetBody, req.ContentLength, text = nil, nil, 0, nil
			}
			resp, err := tr.RoundTrip(req)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.True(t, bytes.Equal(text, body))
		}
		require.Equal(t, 2, dials)
	})
}

// A trace's hook may wait, and what is known of the pool then is old.
func TestTransportCountsThoughAHookWaits(t *testing.T) {
	trAlone(t)
	s := trScript(t, trReply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
	trRun(t, func() {
		tr := &Transport{Proxy: trNoProxy, MaxConnsPerHost: 1}
		get := func(ctx context.Context) {
			req, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
			require.NoError(t, err)
			resp, err := tr.RoundTrip(req)
			require.NoError(t, err)
			_, err = io.ReadAll(resp.Body)
			require.NoError(t, err)
		}
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GetConn: func(string) {
			get(context.Background())
			tr.CloseIdleConnections()
			get(context.Background()) // its connection is idle now, and the only one
		}})
		get(ctx)
		require.EqualValues(t, 2, s.conns.Load(), "connections")
		tr.CloseIdleConnections()
		require.Empty(t, tr.pool.hosts)
	})
}
