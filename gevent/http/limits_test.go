package http

import (
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"greenloop/gevent"
)

const soon = 20 * time.Millisecond

func TestServerTimeouts(t *testing.T) {
	slowly := func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			panic(err)
		}
		w.WriteHeader(http.StatusRequestTimeout)
	}
	for _, c := range []struct {
		name    string
		server  Server
		send    string
		handler http.HandlerFunc
		answers []int
	}{
		{name: "first head", server: Server{ReadHeaderTimeout: soon}},
		{name: "half a head", server: Server{ReadHeaderTimeout: soon}, send: "GET / HT"},
		{name: "half the second head", server: Server{ReadHeaderTimeout: soon}, send: staying + "GET / HT", answers: []int{200}},
		{name: "idle", server: Server{IdleTimeout: soon}, send: staying, answers: []int{200}},
		{name: "stalled body", server: Server{StallTimeout: soon}, send: "POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\na",
			handler: slowly, answers: []int{408}},
		{name: "stalled body that is not read", server: Server{StallTimeout: soon}, send: "POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\na",
			answers: []int{200}},
		{name: "slow request", server: Server{ReadTimeout: soon}, send: "POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\na",
			handler: slowly, answers: []int{408}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.server.Handler = c.handler; c.handler == nil {
				c.server.Handler = http.HandlerFunc(ignores)
			}
			inWorld(t, &c.server, func(w *world) {
				client := w.dial()
				client.send(c.send)
				for _, status := range c.answers {
					got, _, _ := client.answer("GET")
					require.Equal(t, status, got)
				}
				rest, _ := io.ReadAll(client.Reader)
				require.Empty(t, string(rest))
				require.NoError(t, client.Close())
			})
		})
	}
}

func TestServerPeerThatDoesNotRead(t *testing.T) {
	for name, s := range map[string]*Server{"stall": {StallTimeout: soon}, "write": {WriteTimeout: soon}} {
		t.Run(name, func(t *testing.T) {
			var failed error
			s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for failed == nil {
					_, failed = w.Write(make([]byte, 1<<20))
				}
			})
			inWorld(t, s, func(w *world) {
				c := w.dial()
				c.send(staying)
				for failed == nil {
					require.NoError(t, gevent.Sleep(time.Millisecond))
				}
				require.ErrorIs(t, failed, os.ErrDeadlineExceeded)
				for w.state.active > 0 {
					require.NoError(t, gevent.Sleep(time.Millisecond))
				}
				require.NoError(t, c.Close())
			})
		})
	}
}

func TestServerHandlersOwnDeadlines(t *testing.T) {
	s := &Server{StallTimeout: soon}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		switch r.URL.Path {
		case "/none":
			require.NoError(t, c.SetReadDeadline(time.Time{}))
			require.NoError(t, c.SetWriteDeadline(time.Time{}))
			b, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			w.Write(b)
		case "/past":
			require.NoError(t, c.SetReadDeadline(time.Unix(1, 0)))
			_, err := r.Body.Read(make([]byte, 1))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.NoError(t, c.SetReadDeadline(time.Time{}))
			io.Copy(w, r.Body)
		}
	})
	inWorld(t, s, func(w *world) {
		c := w.dial()
		c.send("POST /none HTTP/1.1\nHost: x\nContent-Length: 3\n\na")
		require.NoError(t, gevent.Sleep(3*soon))
		c.send("bc")
		c.expect("abc")
		c.send("POST /past HTTP/1.1\nHost: x\nContent-Length: 3\n\n")
		require.NoError(t, gevent.Sleep(3*soon))
		c.send("abc")
		c.expect("abc")
		require.NoError(t, c.Close())
	})
}

func TestServerDeadlinesAreKept(t *testing.T) {
	sets := 0
	inWorld(t, handling(ignores), func(w *world) {
		c := w.dial()
		for range 20 {
			c.send(staying)
			c.expect("/")
			at := w.state.first.reading.at
			if sets == 0 {
				sets = int(at)
			}
			require.Equal(t, sets, int(at), "the idle limit is not set anew for each request")
		}
		require.NoError(t, c.Close())
	})
}
