//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// trRead reads what client gets from url.
func trRead(client *http.Client, url string) (string, error) {
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestTransportTwentyAtOnce(t *testing.T) {
	trAlone(t)
	const n = 20
	var inside atomic.Int64
	all := make(chan struct{})
	server := trServe(t, func(w http.ResponseWriter, r *http.Request) {
		if inside.Add(1) == n {
			close(all)
		}
		<-all // each waits until all are here: they are at once, or never
		io.WriteString(w, r.URL.Path+strings.Repeat(".", 100000))
	})
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		ticks := 0
		ticker := gevent.Spawn(func() error {
			for {
				ticks++
				if err := gevent.Sleep(time.Millisecond); err != nil {
					return err
				}
			}
		})
		bodies, err := gevent.Map(gevent.NewPool(n), func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		}, func(i int) (string, error) { return trRead(client, fmt.Sprint(server.URL, "/", i)) })
		require.NoError(t, err)
		for i, body := range bodies {
			require.Equal(t, fmt.Sprint("/", i), strings.TrimRight(body, "."))
		}
		require.NoError(t, ticker.Kill())
		require.Positive(t, ticks)
		require.EqualValues(t, n, server.conns.Load())
		require.Equal(t, http.DefaultMaxIdleConnsPerHost, transport.pool.lru.Len())
	})
}

func TestTransportIdleIsCheap(t *testing.T) {
	trAlone(t)
	server := trScript(t, trReply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy, MaxIdleConnsPerHost: 100}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		var open []io.Closer
		var bodies []io.Reader
		for range 50 {
			resp, err := client.Get(server.URL)
			require.NoError(t, err)
			open, bodies = append(open, resp.Body), append(bodies, resp.Body)
		}
		for i := range bodies {
			_, err := io.ReadAll(bodies[i])
			require.NoError(t, err)
			require.NoError(t, open[i].Close())
		}
		require.Equal(t, 50, transport.pool.lru.Len())
		require.Equal(t, 1, gevent.GetHub().Stats().Live)
	})
}

// trHangUp answers the first request on each connection, and closes it after a last word.
func trHangUp(last string) func(int, net.Conn, *bufio.Reader) {
	return func(_ int, c net.Conn, br *bufio.Reader) {
		if _, err := trTake(br); err == nil {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
			io.WriteString(c, last)
		}
	}
}

func TestTransportNoticesAClosedIdleConnection(t *testing.T) {
	trAlone(t)
	for _, last := range []string{"", "HTTP/1.1 408 Request Timeout\r\n\r\n"} {
		server := trScript(t, trHangUp(last))
		trRun(t, func() {
			transport := &Transport{Proxy: trNoProxy}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			for i := range 3 { // none of which could be repeated
				resp, err := client.Post(server.URL, "text/plain", trOnly{strings.NewReader("once")})
				require.NoError(t, err)
				_, err = io.ReadAll(resp.Body)
				require.NoError(t, err)
				if kept := transport.pool.lru.Front(); kept != nil { // else the end came along with the response
					require.NoError(t, kept.Value.(*trConn).waitRead())
				}
				require.EqualValues(t, i+1, server.conns.Load())
			}
		})
	}
}

func TestTransportTellsWhatWasThrownAtIt(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy}
		client := &http.Client{Transport: transport}
		g := gevent.Spawn(func() error {
			_, err := trRead(client, server.URL)
			require.NoError(t, err)
			gevent.Current().Throw(errTrThrown)
			_, err = trRead(client, server.URL)
			require.ErrorIs(t, err, errTrThrown)
			require.Empty(t, transport.pool.hosts)
			_, err = trRead(client, server.URL)
			return err
		})
		require.NoError(t, g.Get())
		transport.CloseIdleConnections()
	})
}

func TestTransportRewindsTheBody(t *testing.T) {
	trAlone(t)
	server := trScript(t, func(n int, c net.Conn, br *bufio.Reader) {
		for i := 0; ; i++ {
			r, err := http.ReadRequest(br)
			if err != nil || n == 1 && i == 1 {
				return // the second request on the first connection is read, in part, and not answered
			}
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
	})
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		_, err := trRead(client, server.URL)
		require.NoError(t, err)
		req, err := http.NewRequest("POST", server.URL, strings.NewReader(trBig()))
		require.NoError(t, err)
		req.Header.Set("Idempotency-Key", "1")
		resp, err := client.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, trBig(), string(body))
		require.EqualValues(t, 2, server.conns.Load())
	})
}
