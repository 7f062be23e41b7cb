package http

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

func TestServerPanicIsAnswered(t *testing.T) {
	n := 0
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		n++
		w.Header().Set("A", "b")
		if n == 2 {
			io.WriteString(w, "half of it")
			panic("of the test")
		}
		io.WriteString(w, "fine")
	}), func(w *world) {
		c := w.dial()
		c.send(staying + staying + staying)
		c.expect("fine")
		status, header, body := c.answer("GET")
		require.Equal(t, 500, status)
		require.Equal(t, "Internal Server Error\n", body)
		require.Empty(t, header["A"])
		c.ended()
		require.Equal(t, 2, n)
		require.Equal(t, 1, strings.Count(w.log.String(), "panic serving"))
		require.Contains(t, w.log.String(), "of the test")
		require.Contains(t, w.log.String(), "TestServerPanicIsAnswered", "the stack")
		c = w.dial()
		c.send(closing)
		c.expect("fine")
		c.ended()
	})
}

func TestServerHandlersPark(t *testing.T) {
	var gate gevent.Event
	inside := 0
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		inside++
		require.NoError(t, gate.Wait())
		io.WriteString(w, r.URL.Path)
	}), func(w *world) {
		var clients []*gevent.Greenlet
		for range 20 {
			clients = append(clients, gevent.Spawn(func() error {
				c := w.dial()
				c.send(closing)
				c.expect("/")
				c.ended()
				return nil
			}))
		}
		for inside < 20 {
			gevent.Yield()
		}
		gate.Set()
		require.NoError(t, gevent.JoinAll(clients...))
	})
}

func TestServerIdleConnectionsHoldNothing(t *testing.T) {
	inWorld(t, handling(ignores), func(w *world) {
		var clients []*worldClient
		for range 50 {
			clients = append(clients, w.dial())
		}
		for range 3 {
			for _, c := range clients {
				c.send("POST /p HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc")
			}
			for _, c := range clients {
				c.expect("/p")
			}
		}
		for c := w.state.first; c != nil; c = c.next {
			require.Equal(t, waiting, c.phase)
			require.Nil(t, c.in.page)
			require.Nil(t, c.in.data)
			require.Nil(t, c.out.page)
			require.Nil(t, c.current)
		}
		require.LessOrEqual(t, len(w.state.stock.pages), 10)
		require.LessOrEqual(t, len(w.state.stock.responses), 2)
		for _, c := range clients {
			require.NoError(t, c.Close())
		}
	})
}

// countingListener counts the writes on its connections, which are not gevent's own to the server.
type countingListener struct {
	net.Listener
	writes *int
}

type countingConn struct {
	net.Conn
	writes *int
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l.writes}, err
}

func (c countingConn) Write(b []byte) (int, error) {
	*c.writes++
	return c.Conn.Write(b)
}

func TestServerGathersPipelinedAnswers(t *testing.T) {
	inWorld(t, handling(ignores), func(w *world) {
		writes := 0
		l, err := gevent.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		other := gevent.Spawn(func() error { return w.Serve(countingListener{l, &writes}) })
		w.address = l.Addr().String()
		c := w.dial()
		c.send(strings.Repeat(staying, 16))
		for range 16 {
			c.expect("/")
		}
		require.Equal(t, 1, writes)
		c.send(staying)
		c.expect("/")
		require.Equal(t, 2, writes)
		require.NoError(t, c.Close())
		require.NoError(t, w.Close())
		require.ErrorIs(t, other.Get(), http.ErrServerClosed)
	})
}

func TestServerSendsAnswersWhileTheNextHandlerWaits(t *testing.T) {
	var gate gevent.Event
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			require.NoError(t, gate.Wait())
		}
		io.WriteString(w, r.URL.Path)
	}), func(w *world) {
		c := w.dial()
		c.send(staying + staying + "GET /slow HTTP/1.1\nHost: x\n\n" + closing)
		c.expect("/")
		c.expect("/")
		gate.Set()
		c.expect("/slow")
		c.expect("/")
		c.ended()
	})
}

func TestServerLateUseOfResponseWriter(t *testing.T) {
	var kept []http.ResponseWriter
	var bodies []io.ReadCloser
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		for _, old := range kept {
			n, err := io.WriteString(old, "late")
			require.Zero(t, n)
			require.ErrorIs(t, err, errDone)
			old.Header().Set("Late", "1")
			old.WriteHeader(500)
			old.(http.Flusher).Flush()
			require.ErrorIs(t, http.NewResponseController(old).Flush(), errDone)
			require.ErrorIs(t, http.NewResponseController(old).SetReadDeadline(time.Now()), errDone)
			require.ErrorIs(t, http.NewResponseController(old).SetWriteDeadline(time.Now()), errDone)
			require.ErrorIs(t, http.NewResponseController(old).EnableFullDuplex(), errDone)
			_, _, err = http.NewResponseController(old).Hijack()
			require.ErrorIs(t, err, errDone)
			_, err = old.(io.ReaderFrom).ReadFrom(strings.NewReader("late"))
			require.ErrorIs(t, err, errDone)
		}
		for _, old := range bodies {
			_, err := old.Read(make([]byte, 1))
			require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
		}
		kept, bodies = append(kept, w), append(bodies, r.Body)
		_, late := w.Header()["Late"]
		require.False(t, late)
		io.WriteString(w, "on time")
	}), func(w *world) {
		c := w.dial()
		for range 3 {
			c.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc")
			status, header, body := c.answer("POST")
			require.Equal(t, 200, status)
			require.Empty(t, header["Late"])
			require.Equal(t, "on time", body)
		}
		require.NoError(t, c.Close())
	})
}

func TestServerUseFromOtherGoroutine(t *testing.T) {
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		errs, err := gevent.Offload(func() ([]error, error) {
			_, read := r.Body.Read(make([]byte, 1))
			_, write := w.Write([]byte("x"))
			return []error{read, write}, nil
		})
		require.NoError(t, err)
		require.Equal(t, []error{errElsewhere, errElsewhere}, errs)
		io.Copy(w, r.Body)
	}), func(w *world) {
		c := w.dial()
		c.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc")
		c.expect("abc")
		require.NoError(t, c.Close())
	})
}

func TestServerMaxBodyBytes(t *testing.T) {
	s := handling(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			w.WriteHeader(413)
		}
		w.Write(b)
	})
	s.MaxBodyBytes = 5
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send("POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\nabcdePOST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n5\nabcde\n0\n\n")
		c.expect("abcde")
		c.expect("abcde")
		c.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n7\nabcdefg\n0\n\n")
		status, header, body := c.answer("POST")
		require.Equal(t, 413, status)
		require.Equal(t, "abcde", body)
		require.Equal(t, []string{"close"}, header["Connection"])
		c.ended()
		c = w.dial()
		c.send("POST / HTTP/1.1\nHost: x\nContent-Length: 6\n\nabcdef")
		status, _, _ = c.answer("POST")
		require.Equal(t, 413, status)
		c.ended()
	})
}

func TestServerLargeHeads(t *testing.T) {
	s := handling(ignores)
	s.MaxHeaderBytes = 10_000
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send("GET / HTTP/1.1\nHost: x\nA: " + strings.Repeat("a", 13_000) + "\n\n")
		c.expect("/")
		for _, end := range []string{"\n\n", ""} {
			c := w.dial()
			c.send("GET / HTTP/1.1\nHost: x\nA: " + strings.Repeat("a", 14_500) + end)
			status, _, _ := c.answer("GET")
			require.Equal(t, 431, status)
			c.ended()
		}
		require.NoError(t, c.Close())
	})
}

func TestServerMaxConns(t *testing.T) {
	s := handling(ignores)
	s.MaxConns = 2
	inWorld(t, s, func(w *world) {
		a, b := w.dial(), w.dial()
		for _, c := range []*worldClient{a, b} {
			c.send(staying)
			c.expect("/")
		}
		third := w.dial()
		third.send(closing)
		answered := gevent.Spawn(func() error { third.expect("/"); return nil })
		a.send(staying)
		a.expect("/")
		require.False(t, answered.Ready())
		require.Equal(t, 2, w.state.active)
		require.NoError(t, b.Close())
		require.NoError(t, answered.Get())
		require.NoError(t, a.Close())
		third.ended()
	})
}

func TestServerContextValues(t *testing.T) {
	type key string
	s := handling(nil)
	s.BaseContext = func(l net.Listener) context.Context {
		return context.WithValue(context.Background(), key("address"), l.Addr().String())
	}
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, key("conn"), c.RemoteAddr().String())
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		require.Equal(t, ctx.Value(key("address")), ctx.Value(http.LocalAddrContextKey).(net.Addr).String())
		require.Equal(t, ctx.Value(key("conn")), r.RemoteAddr)
		require.Equal(t, http.DefaultMaxHeaderBytes, ctx.Value(http.ServerContextKey).(*http.Server).MaxHeaderBytes)
		require.Nil(t, ctx.Value(key("none")))
		_, limited := ctx.Deadline()
		require.False(t, limited)
		io.WriteString(w, "fine")
	})
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send(closing)
		c.expect("fine")
		c.ended()
		require.Empty(t, w.log.String())
	})
}

func TestServerHijackedConnIsTheHandlers(t *testing.T) {
	var hijacked net.Conn
	s := handling(func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		require.NoError(t, err)
		require.Equal(t, 3, rw.Reader.Buffered())
		left, err := rw.Peek(3)
		require.NoError(t, err)
		require.Equal(t, "abc", string(left))
		hijacked = c
	})
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send("GET / HTTP/1.1\nHost: x\n\nabc")
		for hijacked == nil {
			gevent.Yield()
		}
		require.Zero(t, w.state.active)
		require.NoError(t, w.Shutdown(t.Context()))
		require.NoError(t, w.Close())
		_, err := gevent.Offload(func() (int, error) { return hijacked.Write([]byte("from a goroutine")) })
		require.NoError(t, err)
		require.NoError(t, hijacked.Close())
		rest, err := io.ReadAll(c)
		require.NoError(t, err)
		require.Equal(t, "from a goroutine", string(rest))
		require.NoError(t, c.Close())
	})
}

func TestServerKilledHandlers(t *testing.T) {
	ended := 0
	var contexts []context.Context
	inWorld(t, handling(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended++ }()
		contexts = append(contexts, r.Context())
		switch r.URL.Path {
		case "/watched":
			r.Context().Done()
		case "/body":
			io.Copy(io.Discard, r.Body)
		case "/writing":
			for {
				w.Write(make([]byte, 1<<20))
			}
		}
		gevent.Sleep(time.Hour)
	}), func(w *world) {
		for _, path := range []string{"/watched", "/body", "/writing", "/sleeping"} {
			c := w.dial()
			c.send("POST " + path + " HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\nabc\n")
			if path == "/watched" {
				c.send("0\n\n" + staying)
			}
			defer c.Close()
		}
		for len(contexts) < 4 {
			gevent.Yield()
		}
		gevent.Yield()
		require.NoError(t, w.Close())
		require.Equal(t, 4, ended)
		for _, ctx := range contexts {
			require.ErrorIs(t, ctx.Err(), context.Canceled)
		}
	})
}
