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
	"runtime"
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

// A watched connection costs no goroutine.
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

// trHangUp answers the first request on each connection, and closes it when the second one should come, or at a word of its own.
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

func TestTransportWaitsInOrder(t *testing.T) {
	trAlone(t)
	server := trServe(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) })
	trRun(t, func() {
		for _, keep := range []bool{true, false} {
			server.conns.Store(0)
			transport := &Transport{Proxy: trNoProxy, MaxConnsPerHost: 2, DisableKeepAlives: !keep}
			client := &http.Client{Transport: transport}
			first, err := client.Get(server.URL + "/first")
			require.NoError(t, err)
			second, err := client.Get(server.URL + "/second")
			require.NoError(t, err)
			var order []string
			var gs []*gevent.Greenlet
			for _, name := range []string{"/a", "/b", "/c", "/d", "/e"} {
				gs = append(gs, gevent.Spawn(func() error {
					resp, err := client.Get(server.URL + name)
					if err != nil {
						return err
					}
					order = append(order, name)
					_, err = io.ReadAll(resp.Body)
					return err
				}))
			}
			gevent.Yield()
			host := transport.pool.hosts[trKey{scheme: "http", addr: server.Listener.Addr().String()}]
			require.Equal(t, 2, host.open)
			require.Equal(t, 5, host.line.Len())
			gs[1].KillAsync()
			gs[3].Throw(errTrThrown)
			require.ErrorIs(t, gs[3].Get(), errTrThrown)
			_, err = io.ReadAll(first.Body)
			require.NoError(t, err)
			require.NoError(t, gs[0].Get())
			require.NoError(t, gs[2].Get())
			require.NoError(t, gs[4].Get())
			require.Equal(t, []string{"/a", "/c", "/e"}, order)
			require.NoError(t, second.Body.Close())
			transport.CloseIdleConnections()
			require.Empty(t, transport.pool.hosts)
			if keep {
				require.EqualValues(t, 2, server.conns.Load())
			} else {
				require.EqualValues(t, 5, server.conns.Load())
			}
		}
	})
}

// What was given to a waiter that is killed before it runs goes to the next one.
func TestTransportTurnIsNotLost(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	trRun(t, func() {
		for _, keep := range []bool{true, false} {
			transport := &Transport{Proxy: trNoProxy, MaxConnsPerHost: 1}
			client := &http.Client{Transport: transport}
			holds, err := client.Get(server.URL)
			require.NoError(t, err)
			ask := func() error { _, err := trRead(client, server.URL); return err }
			killed, next := gevent.Spawn(ask), gevent.Spawn(ask)
			gevent.Yield()
			if keep {
				_, err := io.ReadAll(holds.Body)
				require.NoError(t, err)
			} else {
				require.NoError(t, holds.Body.Close())
			}
			killed.KillAsync()
			require.NoError(t, next.Get())
			require.ErrorIs(t, killed.Get(), gevent.ErrExit)
			transport.CloseIdleConnections()
			require.Empty(t, transport.pool.hosts)
		}
	})
}

func TestTransportFailedDialGivesItsTurn(t *testing.T) {
	trAlone(t)
	trRun(t, func() {
		failing := errors.New("no way")
		transport := &Transport{Proxy: trNoProxy, MaxConnsPerHost: 1}
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.Join(failing, gevent.Sleep(time.Millisecond))
		}
		client := &http.Client{Transport: transport}
		var gs []*gevent.Greenlet
		for range 5 {
			gs = append(gs, gevent.Spawn(func() error { _, err := trRead(client, "http://far.test/"); return err }))
		}
		for _, g := range gs {
			require.ErrorIs(t, g.Get(), failing)
		}
		require.Empty(t, transport.pool.hosts)
	})
}

func TestTransportKeepsNoMoreThanItMay(t *testing.T) {
	trAlone(t)
	var servers []*trServer
	for range 4 {
		servers = append(servers, trServe(t, trEcho))
	}
	trRun(t, func() {
		transport := &Transport{Proxy: trNoProxy, MaxIdleConns: 2, IdleConnTimeout: 20 * time.Millisecond}
		client := &http.Client{Transport: transport}
		for _, s := range servers {
			_, err := trRead(client, s.URL)
			require.NoError(t, err)
		}
		require.Equal(t, 2, transport.pool.lru.Len())
		for _, s := range servers[2:] {
			_, err := trRead(client, s.URL)
			require.NoError(t, err)
			require.EqualValues(t, 1, s.conns.Load(), "the last are kept")
		}
		for transport.pool.lru.Len() > 0 {
			require.NoError(t, gevent.Sleep(time.Millisecond))
		}
		require.Empty(t, transport.pool.hosts)

		resp, err := client.Get(servers[0].URL)
		require.NoError(t, err)
		transport.CloseIdleConnections()
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Empty(t, transport.pool.hosts, "what becomes idle afterwards is closed, too")
	})
}

func TestTransportHearsAnAnswerThatComesEarly(t *testing.T) {
	trAlone(t)
	for name, end := range map[string]func(c net.Conn, br *bufio.Reader){
		"closes":        func(net.Conn, *bufio.Reader) {},
		"stays":         func(_ net.Conn, br *bufio.Reader) { trHold(br) },
		"reads no more": func(c net.Conn, _ *bufio.Reader) { c.Read(make([]byte, 1<<20)) },
	} {
		t.Run(name, func(t *testing.T) {
			server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
				if trTakeHead(br) == nil {
					io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch")
					end(c, br)
				}
			})
			trRun(t, func() {
				transport := &Transport{Proxy: trNoProxy}
				body := &trSlow{read: neverEnding('x').Read}
				resp, err := (&http.Client{Transport: transport}).Post(server.URL, "text/plain", body)
				require.NoError(t, err)
				text, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.Equal(t, "413 much", fmt.Sprint(resp.StatusCode, " ", string(text)))
				require.NoError(t, gevent.Sleep(1))
				require.Equal(t, 1, body.closed)
				require.Empty(t, transport.pool.hosts)
			})
		})
	}
}

func TestTransportBothWaysAtOnce(t *testing.T) {
	trAlone(t)
	server := trScript(t, func(_ int, c net.Conn, br *bufio.Reader) {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		io.Copy(c, r.Body)
	})
	trRun(t, func() {
		said := gevent.NewQueue[string](0)
		var rest strings.Reader
		body := &trSlow{}
		body.read = func(p []byte) (int, error) {
			if rest.Len() == 0 {
				word, err := said.Get()
				if err != nil || word == "" {
					return 0, errors.Join(err, io.EOF)
				}
				rest.Reset(word)
			}
			return rest.Read(p)
		}
		body.read = trPlainEOF(body.read)
		resp, err := (&http.Client{Transport: &Transport{Proxy: trNoProxy}}).Post(server.URL, "text/plain", body)
		require.NoError(t, err)
		buf := make([]byte, 100)
		for _, word := range []string{"one", "two", "three"} {
			require.NoError(t, said.Put(word))
			n, err := resp.Body.Read(buf)
			require.NoError(t, err)
			require.Equal(t, word, string(buf[:n]))
		}
		require.NoError(t, said.Put(""))
		_, err = resp.Body.Read(buf)
		require.Equal(t, io.EOF, err)
	})
}

func trPlainEOF(read func([]byte) (int, error)) func([]byte) (int, error) {
	return func(p []byte) (int, error) {
		n, err := read(p)
		if errors.Is(err, io.EOF) {
			err = io.EOF
		}
		return n, err
	}
}

func TestTransportBodyThatPanics(t *testing.T) {
	trAlone(t)
	server := trServe(t, trEcho)
	for _, read := range []func([]byte) (int, error){
		func([]byte) (int, error) { panic("no body") },
		func([]byte) (int, error) { runtime.Goexit(); return 0, nil },
	} {
		for _, method := range []string{"GET", "POST"} {
			body := &trSlow{read: read}
			quiet := func(*gevent.Greenlet, error, []byte) {}
			require.NoError(t, gevent.RunConfig(gevent.Config{OnError: quiet}, func() error {
				req, err := http.NewRequest(method, server.URL, body)
				require.NoError(t, err)
				_, err = (&Transport{Proxy: trNoProxy}).RoundTrip(req)
				require.ErrorIs(t, err, errTrSender)
				return nil
			}))
			require.Equal(t, 1, body.closed)
		}
	}
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
