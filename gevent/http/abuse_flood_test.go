//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package http

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

// A hundred thousand requests at once, of which nobody reads the answers: the server takes no more than it can answer.
func TestAbusePipelineWithoutReading(t *testing.T) {
	answered := 0
	s := &Server{StallTimeout: 2 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answered++
		w.Write(make([]byte, 1000))
	})}
	inAbuse(t, s, func(w *abusedWorld) {
		flood := strings.Repeat(strings.ReplaceAll(staying, "\n", "\r\n"), 100_000)
		before := abuseMemory()
		c := w.dial()
		writing := gevent.Spawn(func() error {
			_, err := io.WriteString(c.Conn, flood)
			return err
		})
		w.eventually(func() bool {
			was := answered
			w.alive()
			return was > 0 && was == answered
		})
		require.Less(t, answered, 100_000)
		require.Less(t, abuseMemory()-before, int64(1<<20))
		w.gone()
		require.NoError(t, c.Close())
		_ = writing.Get() // all of it may be in the system's buffers
	})
}

// The same without an end, but the answers are read: others are served meanwhile.
func TestAbusePipelineDoesNotStarveOthers(t *testing.T) {
	inAbuse(t, handling(ignores), func(w *abusedWorld) {
		flood := strings.Repeat(strings.ReplaceAll(staying, "\n", "\r\n"), 1000)
		enough := false
		rude := w.crowd(4, func(i int, c *worldClient) {
			// Else the system takes megabytes, which are a hundred thousand requests, and the last write waits for them.
			require.NoError(t, c.Conn.(*gevent.TCPConn).SetWriteBuffer(64<<10))
			reading := gevent.Spawn(func() error {
				_, _ = io.Copy(io.Discard, c) // until the reset
				return nil
			})
			for !enough {
				_, err := io.WriteString(c.Conn, flood)
				require.NoError(t, err)
			}
			abuseReset(c)
			require.NoError(t, reading.Get())
		})
		for range 3 {
			w.alive()
		}
		enough = true
		require.NoError(t, gevent.JoinAll(rude...))
	})
}

// However many requests one read brings, others run in between.
func TestAbusePipelineTakesTurns(t *testing.T) {
	const n = 2000
	answered := 0
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) { answered++ }), func(w *world) {
		c := w.dial()
		writing := gevent.Spawn(func() error {
			_, err := io.WriteString(c.Conn, strings.Repeat(strings.ReplaceAll(staying, "\n", "\r\n"), n))
			return err
		})
		longest := 0
		for deadline := time.Now().Add(patience); answered < n && time.Now().Before(deadline); {
			before := answered
			gevent.Yield()
			longest = max(longest, answered-before)
		}
		require.Equal(t, n, answered)
		require.LessOrEqual(t, longest, maxInRow+1)
		require.NoError(t, writing.Get())
		require.NoError(t, c.Close())
	})
}

// What never ends is cut, and is not kept in memory meanwhile.
func TestAbuseEndless(t *testing.T) {
	chunked := strings.ReplaceAll(post+"Transfer-Encoding: chunked\n\n", "\n", "\r\n")
	many := func(s string) string { return strings.Repeat(s, 4000/len(s)) }
	cases := []struct {
		name, begin, more string
		status            int
	}{
		{"one field", "GET / HTTP/1.1\r\nHost: x\r\nA: ", many("a"), 431},
		{"fields", "GET / HTTP/1.1\r\nHost: x\r\n", many("A: b\r\n"), 431},
		{"request line", "GET /", many("a"), 431},
		{"method", "", many("A"), 431},
		{"no bytes of text", "", many("\x00"), 431},
		{"chunk extension", chunked + "1;", many("a"), 200},
		{"chunk extensions", chunked, "1;" + many("a") + "\r\nx\r\n", 200},
		{"zeros of a size", chunked, many("0"), 200},
		{"trailer", chunked + "0\r\nA: ", many("a"), 200},
		{"trailers", chunked + "0\r\n", many("A: b\r\n"), 200},
		{"last chunks", chunked, many("0\r\n"), 200},
		{"last chunks with ends", chunked, many("0\r\n\r\n"), 200},
	}
	for name, handler := range map[string]http.HandlerFunc{
		"read":    func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) },
		"ignored": ignores,
	} {
		t.Run(name, func(t *testing.T) {
			inAbuse(t, handling(handler), func(w *abusedWorld) {
				before := abuseMemory()
				rude := w.crowd(len(cases), func(i int, client *worldClient) {
					c := cases[i]
					_, err := io.WriteString(client.Conn, c.begin)
					require.NoError(t, err)
					writing := gevent.Spawn(func() error {
						abuseUntilCut(client, func() string { return c.more })
						return nil
					})
					status, _, _ := client.answer("GET")
					require.Equal(t, c.status, status, c.name)
					require.NoError(t, writing.Get())
				})
				w.alive()
				require.NoError(t, gevent.JoinAll(rude...))
				require.Less(t, abuseMemory()-before, int64(2<<20))
			})
		})
	}
}

// Ten thousand fields are within the limits, if they are short.
func TestAbuseManyFields(t *testing.T) {
	inAbuse(t, handling(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, len(r.Header)) }), func(w *abusedWorld) {
		var head strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&head, "A%d: b\n", i)
		}
		c := w.dial()
		for range 3 {
			c.send("GET / HTTP/1.1\nHost: x\n" + head.String() + "\n")
			c.expect("10000")
		}
		require.NoError(t, c.Close())
	})
}

// Clients that hijack and vanish, and those of handlers that hijack and forget.
func TestAbuseHijackAndVanish(t *testing.T) {
	var left []io.Closer
	begun, ended := 0, 0
	inAbuse(t, handling(func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		require.NoError(t, err)
		if r.URL.Path == "/forget" {
			left = append(left, c)
			_, err := c.Write([]byte("x"))
			require.NoError(t, err)
			return
		}
		defer c.Close()
		begun++
		for {
			if _, err := rw.WriteString("x"); err != nil || rw.Flush() != nil {
				break
			}
			if _, err := rw.ReadByte(); err != nil {
				break
			}
		}
		ended++
	}), func(w *abusedWorld) {
		const n = 100
		rude := w.crowd(n, func(i int, c *worldClient) {
			c.send("GET /" + []string{"keep", "forget"}[i%2] + " HTTP/1.1\nHost: x\n\n")
			_, err := c.ReadByte()
			require.NoError(t, err)
			abuseReset(c)
		})
		require.NoError(t, gevent.JoinAll(rude...))
		w.gone()
		require.Equal(t, n/2, begun)
		require.Len(t, left, n/2)
		w.eventually(func() bool { return ended == begun })
		for _, c := range left {
			require.NoError(t, c.Close())
		}
	})
}

// Each panic is logged once, with a stack; what the client has sent does not swell the log.
func TestAbusePanics(t *testing.T) {
	inAbuse(t, handling(func(w http.ResponseWriter, r *http.Request) { panic("of the test") }), func(w *abusedWorld) {
		const n = 300
		long := strings.Repeat("a", 100_000)
		rude := w.crowd(n, func(i int, c *worldClient) {
			c.send("GET /" + long + " HTTP/1.1\nHost: x\nA: " + long + "\n\n")
			status, _, _ := c.answer("GET")
			require.Equal(t, 500, status)
			c.ended()
		})
		require.NoError(t, gevent.JoinAll(rude...))
		require.Equal(t, n, strings.Count(w.log.String(), "panic serving"))
		t.Logf("%d bytes of log for one panic", w.log.Len()/n)
		require.Less(t, w.log.Len(), n*(8<<10))
	})
}

// Bytes that nobody has chosen, among parts of requests, on a thousand connections.
func TestAbuseRandomBytes(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	parts := []string{"GET / HTTP/1.1\r\n", "Host: x\r\n", "\r\n", "\n", ":", " ", "Content-Length: 5\r\n", "abcde", "5\r\n",
		"0\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n", "POST /a HTTP/1.0\r\n",
		"\x16\x03\x01"}
	noise := func() string {
		var b strings.Builder
		for range random.IntN(40) {
			if random.IntN(4) > 0 {
				b.WriteString(parts[random.IntN(len(parts))])
				continue
			}
			for range random.IntN(20) {
				b.WriteByte(byte(random.Uint32()))
			}
		}
		return b.String()
	}
	s := &Server{ReadHeaderTimeout: abuseSoon, IdleTimeout: abuseSoon, StallTimeout: abuseSoon}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	inAbuse(t, s, func(w *abusedWorld) {
		rude := w.crowd(1000, func(i int, c *worldClient) {
			_, _ = io.WriteString(c.Conn, noise()) // the server may be first
			switch i % 3 {
			case 0:
				abuseReset(c)
				return
			case 1:
				_ = c.Conn.(*gevent.TCPConn).CloseWrite()
			}
			_, err := io.Copy(io.Discard, c)
			if err != nil {
				require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
			}
		})
		w.alive()
		require.NoError(t, gevent.JoinAll(rude...))
		require.NotContains(t, w.log.String(), "panic")
	})
}
