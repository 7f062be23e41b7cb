//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func TestTransportBodyClosedByAnother(t *testing.T) {
	trAlone(t)
	for _, elsewhere := range []bool{false, true} {
		server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
			trTakeHead(br)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			trHold(br)
		})
		trRun(t, func() {
			transport := &Transport{Proxy: trNoProxy}
			resp, err := (&http.Client{Transport: transport}).Get(server.URL)
			require.NoError(t, err)
			reading := gevent.Spawn(func() error { _, err := io.ReadAll(resp.Body); return err })
			gevent.Yield()
			_, err = resp.Body.Read(make([]byte, 1))
			require.ErrorIs(t, err, errTrReadTwice)
			if elsewhere {
				_, err := gevent.Await(func(context.Context) (bool, error) { return true, resp.Body.Close() })
				require.NoError(t, err)
			} else {
				require.NoError(t, resp.Body.Close())
			}
			require.ErrorIs(t, reading.Get(), errTrReadClosed)
			require.Empty(t, transport.pool.hosts)
		})
	}
}

func TestTransportElsewhere(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	transport := &Transport{Proxy: trNoProxy}
	client := &http.Client{Transport: transport}
	body := &trSlow{read: neverEnding('x').Read}
	_, err := client.Post(server.URL, "text/plain", body)
	require.ErrorIs(t, err, errTrOutside)
	require.Equal(t, 1, body.closed)
	transport.CloseIdleConnections()
	trRun(t, func() {
		resp, err := client.Get(server.URL)
		require.NoError(t, err)
		_, err = gevent.Await(func(context.Context) (bool, error) {
			_, err := resp.Body.Read(make([]byte, 1))
			require.ErrorIs(t, err, errTrReadOutside)
			_, err = client.Get(server.URL)
			require.ErrorIs(t, err, errTrOutside)
			return true, gevent.Run(func() error {
				_, err := client.Get(server.URL)
				require.ErrorIs(t, err, errTrOtherHub)
				return nil
			})
		})
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.Equal(t, 1, transport.pool.lru.Len())
		_, err = gevent.Await(func(context.Context) (bool, error) { transport.CloseIdleConnections(); return true, nil })
		require.NoError(t, err)
		require.NoError(t, gevent.Sleep(1))
		require.Zero(t, transport.pool.lru.Len())

		resp, err = client.Get(server.URL)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		transport.CloseIdleConnections()
	})
	for range 2 { // the hub before has ended, with a connection that was idle
		require.NoError(t, gevent.Run(func() error {
			resp, err := client.Get(server.URL)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		}))
	}
}

// A conn of package net blocks, so it is not taken.
func TestTransportRefusesConnectionsThatBlock(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	trRun(t, func() {
		foreign := &Transport{Proxy: trNoProxy, DialContext: new(net.Dialer).DialContext}
		_, err := (&http.Client{Transport: foreign}).Get(server.URL)
		require.ErrorContains(t, err, "would block the hub")
		none := func(context.Context, string, string) (net.Conn, error) { return nil, nil }
		_, err = (&http.Client{Transport: &Transport{Proxy: trNoProxy, DialContext: none}}).Get(server.URL)
		require.ErrorContains(t, err, "neither")
	})
}

func TestTransportUnpackedBodyIsGuarded(t *testing.T) {
	trAlone(t)
	server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
		trTakeHead(br)
		packed := trGzip(trBig())
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+packed[:len(packed)/2])
		trHold(br)
	})
	trRun(t, func() {
		resp, err := (&http.Client{Transport: &Transport{Proxy: trNoProxy}}).Get(server.URL)
		require.NoError(t, err)
		reading := gevent.Spawn(func() error { _, err := io.ReadAll(resp.Body); return err })
		gevent.Yield()
		for reading.Ready() || !resp.Body.(*trUnpacked).reading {
			gevent.Yield()
		}
		_, err = resp.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, errTrReadTwice)
		_, err = gevent.Await(func(context.Context) (bool, error) {
			_, err := resp.Body.Read(make([]byte, 1))
			return true, err
		})
		require.ErrorIs(t, err, errTrReadOutside)
		require.NoError(t, reading.Kill())
		_, err = resp.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.NoError(t, resp.Body.Close())
		_, err = resp.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, errTrReadClosed)
	})
}

func TestTransportRequestsThatAreNone(t *testing.T) {
	trAlone(t)
	trRun(t, func() {
		for _, req := range []*http.Request{{Header: http.Header{}}, {URL: &trURL{Scheme: "http", Host: "a.test"}}} {
			_, theirs := new(http.Transport).RoundTrip(req)
			_, ours := new(Transport).RoundTrip(req)
			require.EqualError(t, ours, theirs.Error())
		}
	})
}
