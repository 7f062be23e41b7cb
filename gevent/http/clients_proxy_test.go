//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// inProxied runs test with a server in front, whose handler is httputil's proxy with our Transport, of one with handler
// behind. All is on one hub.
func inProxied(t *testing.T, handler http.HandlerFunc, change func(p *httputil.ReverseProxy), test func(w *world)) {
	t.Helper()
	transport := &Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}
	var target *url.URL
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	if change != nil {
		change(proxy)
	}
	inWorld(t, &Server{Handler: proxy}, func(w *world) {
		behind := &Server{Handler: handler, ErrorLog: w.ErrorLog}
		l := spareListener(t)
		target = &url.URL{Scheme: "http", Host: l.Addr().String()}
		serving := gevent.Spawn(func() error { return behind.Serve(l) })
		test(w)
		transport.CloseIdleConnections()
		require.NoError(t, behind.Close())
		require.ErrorIs(t, serving.Get(), http.ErrServerClosed)
	})
}

func TestHandlersReverseProxy(t *testing.T) {
	inProxied(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/early" {
			w.Header().Set("Link", "</style.css>")
			w.WriteHeader(http.StatusEarlyHints)
		}
		w.Header().Set("Trailer", "Sum")
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s from %s: %d %v %v", r.Method, r.URL.Path, r.Header.Get("X-Forwarded-For"), len(body),
			r.TransferEncoding, err)
		w.Header().Set("Sum", "7")
	}, nil, func(w *world) {
		var clients []*gevent.Greenlet
		for i := range 20 {
			clients = append(clients, gevent.Spawn(func() error {
				c := w.dial()
				for range 3 {
					c.send(fmt.Sprintf("GET /%d HTTP/1.1\nHost: x\n\n", i))
					c.expect(fmt.Sprintf("GET /%d from 127.0.0.1: 0 [] <nil>", i))
					body := strings.Repeat("x", i*1000)
					c.send(fmt.Sprintf("POST /%d HTTP/1.1\nHost: x\nContent-Length: %d\n\n%s", i, len(body), body))
					c.expect(fmt.Sprintf("POST /%d from 127.0.0.1: %d [] <nil>", i, len(body)))
					c.send(post + "Transfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\n\n")
					c.expect("POST / from 127.0.0.1: 5 [chunked] <nil>")
				}
				return c.Close()
			}))
		}
		require.NoError(t, gevent.JoinAll(clients...))

		c := w.dial()
		c.send("GET /early HTTP/1.1\nHost: x\nConnection: close\n\n")
		answer, err := io.ReadAll(c)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(answer), "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"), "%s", answer)
		require.True(t, strings.HasSuffix(string(answer), "\r\n0\r\nSum: 7\r\n\r\n"), "%s", answer)
		require.NoError(t, c.Close())
		require.Empty(t, w.log.String())
	})
}

// Each event comes through while the answer goes on, and the end of the client to the handler behind.
func TestHandlersReverseProxyStreams(t *testing.T) {
	var next, left gevent.Event
	inProxied(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			next.Clear()
			io.WriteString(w, "data: x\n\n")
			w.(http.Flusher).Flush()
			_ = next.Wait()
		}
		_ = gevent.AwaitContextTimeout(r.Context(), patience)
		left.Set()
	}, nil, func(w *world) {
		c := w.dial()
		c.send(staying)
		answer, err := http.ReadResponse(c.Reader, nil)
		require.NoError(t, err)
		for range 3 {
			event := make([]byte, len("data: x\n\n"))
			_, err := io.ReadFull(answer.Body, event)
			require.NoError(t, err)
			require.Equal(t, "data: x\n\n", string(event))
			next.Set()
		}
		require.NoError(t, c.Close())
		require.NoError(t, gevent.WithTimeout(patience, left.Wait))
	})
}

// FlushInterval flushes on a goroutine, which cannot write: what is written comes with the next page, and all of it at the
// end. A negative one flushes at each write, and works.
func TestHandlersReverseProxyFlushInterval(t *testing.T) {
	for _, interval := range []time.Duration{-1, time.Microsecond} {
		t.Run(interval.String(), func(t *testing.T) {
			body := strings.Repeat("some of it ", 10_000)
			inProxied(t, func(w http.ResponseWriter, r *http.Request) {
				for part := body; part != ""; part = part[min(len(part), 1000):] {
					io.WriteString(w, part[:min(len(part), 1000)])
					w.(http.Flusher).Flush()
				}
			}, func(p *httputil.ReverseProxy) { p.FlushInterval = interval }, func(w *world) {
				c := w.dial()
				c.send(staying)
				c.expect(body)
				require.NoError(t, c.Close())
			})
		})
	}
}

// After a change of protocol httputil's proxy would block the thread as long as the connection lasts. So the header that
// asks for one is to be taken out.
func TestHandlersReverseProxyWithoutUpgrade(t *testing.T) {
	inProxied(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			w.Header().Set("Upgrade", "p")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
			return
		}
		w.WriteHeader(http.StatusUpgradeRequired)
	}, func(p *httputil.ReverseProxy) {
		rewrite := p.Rewrite
		p.Rewrite = func(r *httputil.ProxyRequest) {
			rewrite(r)
			r.Out.Header.Del("Upgrade")
		}
	}, func(w *world) {
		c := w.dial()
		c.send("GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: p\n\n")
		status, _, _ := c.answer("GET")
		require.Equal(t, http.StatusUpgradeRequired, status)
		require.NoError(t, c.Close())
	})
}

// A server behind that closes the connection: without an answer, and in the middle of one.
func TestHandlersReverseProxyOfTheBroken(t *testing.T) {
	inProxied(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			w.Header().Set("Content-Length", "100000")
			w.Write(make([]byte, 50_000))
		}
		panic(http.ErrAbortHandler)
	}, nil, func(w *world) {
		c := w.dial()
		c.send(staying)
		status, _, _ := c.answer("GET")
		require.Equal(t, 502, status)
		c.send("GET /half HTTP/1.1\nHost: x\n\n")
		answer, err := http.ReadResponse(c.Reader, nil)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.Len(t, body, 50_000)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.NoError(t, c.Close())
	})
}
