//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// abuseSoon is a limit that is reached soon, but not by an honest client on a busy machine.
const abuseSoon = 300 * time.Millisecond

// abuseDrip returns what to write next: each byte of text after a while, then the last one again and again.
func abuseDrip(t *testing.T, text string) func() string {
	return func() string {
		require.NoError(t, gevent.Sleep(10*time.Millisecond))
		next := text[:1]
		if len(text) > 1 {
			text = text[1:]
		}
		return next
	}
}

// Who sends heads slowly is cut, however often a byte comes.
func TestAbuseSlowHeads(t *testing.T) {
	inAbuse(t, &Server{Handler: http.HandlerFunc(ignores), ReadHeaderTimeout: abuseSoon}, func(w *abusedWorld) {
		rude := w.crowd(200, func(i int, c *worldClient) {
			if i%2 == 1 { // on a connection that has served
				c.send(staying)
				c.expect("/")
			}
			abuseUntilCut(c, abuseDrip(t, "GET / HTTP/1.1\r\nHost: x\r\nA: a"))
		})
		w.eventually(func() bool { return w.state.active >= 200 })
		w.alive()
		require.NoError(t, gevent.JoinAll(rude...))
		w.gone()
	})
}

// Who sends a body slowly is cut: when it stalls, or when the whole takes too long.
func TestAbuseSlowBodies(t *testing.T) {
	for _, c := range []struct {
		name   string
		server *Server
		send   string
		drips  bool
	}{
		{"stalls", &Server{StallTimeout: abuseSoon}, post + "Content-Length: 1000\n\nabc", false},
		{"stalls in a chunk", &Server{StallTimeout: abuseSoon}, post + "Transfer-Encoding: chunked\n\n5\nabc", false},
		{"drips", &Server{ReadTimeout: abuseSoon}, post + "Content-Length: 1000000\n\nabc", true},
		{"drips in a chunk", &Server{ReadTimeout: abuseSoon}, post + "Transfer-Encoding: chunked\n\n50000\nabc", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			late, clients := 0, 100
			c.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Ignore") != "" {
					return // then the server itself reads
				}
				if _, err := io.Copy(io.Discard, r.Body); errors.Is(err, os.ErrDeadlineExceeded) {
					late++
				}
			})
			inAbuse(t, c.server, func(w *abusedWorld) {
				rude := w.crowd(clients, func(i int, client *worldClient) {
					send := c.send
					if i%2 == 1 {
						send = strings.Replace(send, "Host: x\n", "Host: x\nIgnore: y\n", 1)
					}
					client.send(send)
					if c.drips {
						abuseUntilCut(client, abuseDrip(t, "x"))
						return
					}
					status, _, _ := client.answer("POST")
					require.Equal(t, 200, status)
					_, err := client.Read(make([]byte, 1))
					require.ErrorIs(t, err, io.EOF)
				})
				w.alive()
				require.NoError(t, gevent.JoinAll(rude...))
				w.gone()
				require.Equal(t, clients/2, late)
			})
		})
	}
}

// Peers that never read hold the server's memory no longer than it takes to cut them, and little of it.
func TestAbusePeersThatNeverRead(t *testing.T) {
	for name, s := range map[string]*Server{"stall": {StallTimeout: time.Second}, "write": {WriteTimeout: time.Second}} {
		t.Run(name, func(t *testing.T) {
			part := make([]byte, 1<<20)
			var inside, cut int
			s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inside++
				for range 256 {
					if _, err := w.Write(part); err != nil {
						require.ErrorIs(t, err, os.ErrDeadlineExceeded)
						cut++
						return
					}
				}
			})
			inAbuse(t, s, func(w *abusedWorld) {
				const n = 50
				before := abuseMemory()
				var clients []*worldClient
				for range n {
					c := w.dial()
					c.send(staying)
					clients = append(clients, c)
				}
				w.eventually(func() bool { return inside == n })
				w.alive()
				each := (abuseMemory() - before) / n
				t.Logf("%d bytes for both ends of a connection", each)
				require.Less(t, each, int64(64<<10))
				w.eventually(func() bool { return cut == n })
				w.gone()
				for _, c := range clients {
					require.NoError(t, c.Close())
				}
			})
		})
	}
}

// Requests end anywhere, by a reset or in good order, and answers are not read to their end.
func TestAbuseResets(t *testing.T) {
	requests := []string{
		strings.ReplaceAll(staying, "\n", "\r\n"),
		strings.ReplaceAll(post+"Content-Length: 3\n\nabc", "\n", "\r\n"),
		strings.ReplaceAll(post+"Transfer-Encoding: chunked\n\n3\nabc\n0\nA: b\n\n", "\n", "\r\n"),
	}
	inAbuse(t, handling(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Write(make([]byte, 100_000))
	}), func(w *abusedWorld) {
		for _, request := range requests {
			rude := w.crowd(2*len(request), func(i int, c *worldClient) {
				_, err := io.WriteString(c.Conn, request[:i/2])
				require.NoError(t, err)
				if i%2 == 0 {
					abuseReset(c)
				}
			})
			rude = append(rude, w.crowd(20, func(i int, c *worldClient) {
				_, err := io.WriteString(c.Conn, request)
				require.NoError(t, err)
				_, err = io.ReadFull(c, make([]byte, i*1000))
				require.NoError(t, err)
				abuseReset(c)
			})...)
			require.NoError(t, gevent.JoinAll(rude...))
			w.gone()
		}
		require.NotContains(t, w.log.String(), "panic")
	})
}

// Who closes its side after the request is answered.
func TestAbuseHalfClose(t *testing.T) {
	inAbuse(t, handling(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.NoError(t, gevent.Sleep(time.Millisecond))
		w.Write(append(body, make([]byte, 100_000)...))
	}), func(w *abusedWorld) {
		rude := w.crowd(50, func(i int, c *worldClient) {
			c.send(staying + post + "Content-Length: 3\n\nabc")
			require.NoError(t, c.Conn.(*gevent.TCPConn).CloseWrite())
			c.expect(string(make([]byte, 100_000)))
			c.expect("abc" + string(make([]byte, 100_000)))
			c.ended()
		})
		require.NoError(t, gevent.JoinAll(rude...))
	})
}
